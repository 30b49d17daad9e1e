/**
 * Runs the program that the first argument names. The build lists all programs of a folder before it, as
 * `PROGRAM(sigaction_old__main, "sigaction-old")` in PROGRAMS: the name that each one's main has got, and its own.
 *
 * Natively it first makes the surroundings those of a machine that has just started: nothing ignored or blocked, a
 * process group of its own that terminal stop signals can stop, no core dumps, and a small limit for queued signals, which
 * a user namespace of its own keeps apart from what other programs queue, where the system allows one.
 */
#define PROGRAM(main, name) {name, main},
static const struct {
  const char *name;
  int (*run)(void);
} programs[] = {PROGRAMS};
#undef PROGRAM

#ifdef __wasm__
static void prepare(void) {}
#else
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/** Becomes a child, whose end the parent tells as a shell does: not everyone can tell of real-time signals. */
static void fork_and_tell(void) {
  int status;
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(97);
    return;
  }
  while (waitpid(child, &status, 0) != child) {
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void prepare(void) {
  fork_and_tell();
  struct sigaction action;
  struct rlimit none = {0, 0}, queue;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  for (int number = 1; number <= SIGRTMAX; number++) sigaction(number, &action, NULL);
  sigprocmask(SIG_SETMASK, &action.sa_mask, NULL);
  setpgid(0, 0);
  unshare(CLONE_NEWUSER);
  setrlimit(RLIMIT_CORE, &none);
  getrlimit(RLIMIT_SIGPENDING, &queue);
  if (queue.rlim_cur > 4096) queue.rlim_cur = 4096;
  setrlimit(RLIMIT_SIGPENDING, &queue);
}
#endif

int main(int count, char **arguments) {
  prepare();
  for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
    if (count > 1 && strcmp(arguments[1], programs[i].name) == 0) return programs[i].run();
  }
  fprintf(stderr, "no program is called %s\n", count > 1 ? arguments[1] : "(nothing)");
  return 98;
}
