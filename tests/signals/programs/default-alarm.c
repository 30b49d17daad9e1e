// alarm(2), signal(7): the default action of SIGALRM ends the program, here after one second.
#include "program.h"

int main(void) {
  alarm(1);
  for (;;) {
  }
}
