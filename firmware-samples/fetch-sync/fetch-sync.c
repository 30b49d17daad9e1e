// Needs a host function that answers with a promise: `http.get` of functions.js (--host; --stacks wasmfx, jspi or asyncify).
// build: clang -Wl,--export=wirq_stack_bytes
// Firmware that fetches as if that were a plain call. Host-side it is JavaScript's own fetch(); the task that calls waits, and
// others run: a light goes on blinking, and two pages are fetched at once. What is refused arrives as an error number.
#include <stdio.h>
#include <string.h>
#include "wirq-sync.h"

WIRQ_STACK_BYTES(8192);
#define LED 13

/* Copies what a URL gives into `to`. Returns its length, −1 for what cannot be fetched. */
WIRQ_IMPORT("http", "get") int32_t http_get(const char *url, int32_t url_bytes, char *to, int32_t room);

static int fetch(const char *url, char *to, int room) {
  int bytes = http_get(url, (int)strlen(url), to, room - 1);
  to[bytes < 0 ? 0 : bytes] = 0;
  return bytes;
}

static wirq_semaphore fetched;
static char pages[2][64];

static void fetch_page(void *argument) {
  int which = (int)argument;
  fetch(which == 0 ? "data:text/plain,first%20page" : "data:,second%20page", pages[which], sizeof pages[which]);
  wirq_semaphore_give(&fetched);
}

static volatile int toggles;

static void blink(void *nothing) {
  (void)nothing;
  for (;; toggles++) {
    wirq_gpio_write(LED, toggles & 1);
    wirq_task_sleep(1000000);
  }
}

int main(void) {
  char text[64];
  wirq_gpio_mode(LED, WIRQ_GPIO_OUTPUT);
  wirq_task_spawn(blink, NULL, 100);
  puts("fetching");
  int bytes = fetch("data:text/plain;base64,aGVsbG8gZnJvbSB0aGUgaG9zdA==", text, sizeof text);
  printf("%d bytes: %s\n", bytes, text);
  printf("no such place: %d\n", fetch("nowhere://at/all", text, sizeof text));

  int before = toggles;
  for (int i = 0; i < 2; i++) wirq_task_spawn(fetch_page, (void *)(intptr_t)i, 128);
  for (int i = 0; i < 2; i++) wirq_semaphore_take(&fetched);
  printf("%s, %s; %d toggles meanwhile\n", pages[0], pages[1], toggles - before);
  return 0;
}
