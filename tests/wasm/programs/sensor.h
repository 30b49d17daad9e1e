// A sensor driver that divides by what it read. Included by a source for each version of DWARF, so that a row of the
// line table has to name the right file as well as the right line.
#define KEPT __attribute__((noinline))

static volatile int reading = 0;

KEPT static int sample(int channel) {
  int sum = 0;
  for (int i = 0; i < channel * 8; i++) {
    sum += reading;
  }
  return sum;
}

KEPT static int average(int channel) {
  int sum = sample(channel);
  return 1000 /
         sum;
}
