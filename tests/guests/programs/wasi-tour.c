// build: clang -iquotesdk/c
// What a C program does with WASI, through wasi-libc: each argument is a step, which prints what it saw.
// See tests/guests/wasi-programs.test.ts.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void show_clocks(void) {
  printf("monotonic %lld calendar %lld\n", nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_REALTIME));
}

static void nap(void) {
  struct timespec wanted = {1, 500};
  printf("slept %d\n", nanosleep(&wanted, NULL));
  struct timespec until = {3, 0};
  printf("slept %d\n", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
}

static void wait_for_input(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  printf("poll %d\n", poll(&input, 1, 10));
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    printf("line '%s' at %lld\n", line, nanoseconds(CLOCK_MONOTONIC));
  }
  printf("end of input\n");
}

static void draw(void) {
  unsigned char bytes[8];
  getentropy(bytes, sizeof bytes);
  for (unsigned i = 0; i < sizeof bytes; i++) printf("%02x", bytes[i]);
  printf("\n");
}

static void use_files(void) {
  FILE *file = fopen("/data/notes.txt", "w");
  fprintf(file, "one\ntwo\n");
  fclose(file);
  file = fopen("/data/notes.txt", "a+");
  fprintf(file, "three\n");
  rewind(file);
  char line[64];
  while (fgets(line, sizeof line, file) != NULL) printf("read %s", line);
  fclose(file);

  struct stat status;
  stat("/data/notes.txt", &status);
  printf("size %lld mtime %lld inode %llu\n", (long long)status.st_size, (long long)status.st_mtime,
         (unsigned long long)status.st_ino);
  printf("mkdir %d\n", mkdir("/data/sub", 0777));
  printf("rename %d\n", rename("/data/notes.txt", "/data/sub/moved.txt"));
  printf("symlink %d\n", symlink("sub/moved.txt", "/data/link"));
  char target[64] = {0};
  printf("readlink %zd", readlink("/data/link", target, 5));
  printf(" %s\n", target);
  file = fopen("/data/link", "r");
  fseek(file, -6, SEEK_END);
  printf("tail %s", fgets(line, sizeof line, file));
  fclose(file);
  printf("truncate %d\n", truncate("/data/sub/moved.txt", 3));
}

static void list(const char *path) {
  DIR *directory = opendir(path);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) printf("entry %s %d\n", entry->d_name, entry->d_type);
  closedir(directory);
}

static void try_to_leave(void) {
  static const char *const paths[] = {"/data/../secret", "/data/out/secret", "/secret", "../secret", "/data/hole"};
  for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
    errno = 0;
    int fd = open(paths[i], O_RDWR | O_CREAT, 0666);
    printf("open %s: %s\n", paths[i], fd < 0 ? strerror(errno) : "opened");
  }
}

static void exhaust(void) {
  int count = 0;
  while (open("/data/many", O_RDONLY | O_CREAT, 0666) >= 0) count++;
  printf("opened %d, then %s\n", count, strerror(errno));
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "env") == 0) printf("HOME is %s\n", getenv("HOME"));
    else if (strcmp(argv[i], "clocks") == 0) show_clocks();
    else if (strcmp(argv[i], "nap") == 0) nap();
    else if (strcmp(argv[i], "input") == 0) wait_for_input();
    else if (strcmp(argv[i], "draw") == 0) draw();
    else if (strcmp(argv[i], "files") == 0) use_files();
    else if (strcmp(argv[i], "list") == 0) list("/data");
    else if (strcmp(argv[i], "leave") == 0) try_to_leave();
    else if (strcmp(argv[i], "exhaust") == 0) exhaust();
    else if (strcmp(argv[i], "terminal") == 0) printf("terminals %d%d%d\n", isatty(0), isatty(1), isatty(2));
    else if (strcmp(argv[i], "exit") == 0) exit(42);
    else fprintf(stderr, "no step called %s\n", argv[i]);
  }
  return 0;
}
