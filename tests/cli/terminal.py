# Runs a command in a terminal of its own, as a user at it would meet it. Arguments: what to type once the terminal is raw
# and the guest has said that it is ready (or behind a "!", a signal to send), then the command. Prints one line of JSON: exit
# code, what was said, and how the terminal was set before, meanwhile and after.
import json, os, pty, select, signal, sys, termios, time

typed, command = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()

def settings():
    flags = termios.tcgetattr(slave)[3]
    return {name: bool(flags & getattr(termios, name)) for name in ("ICANON", "ECHO", "ISIG")}

before = settings()
pid = os.fork()
if pid == 0:
    os.setsid()
    os.close(master)
    for descriptor in (0, 1, 2):
        os.dup2(slave, descriptor)
    os.execvp(command[0], command)

said, meanwhile, acted, status = b"", None, False, None
deadline = time.time() + 80
while time.time() < deadline and status is None:
    if select.select([master], [], [], 0.05)[0]:
        said += os.read(master, 4096)
    if not acted and b"ready" in said and not settings()["ICANON"]:
        meanwhile, acted = settings(), True
        if typed.startswith("!"):
            os.kill(pid, getattr(signal, typed[1:]))
        else:
            os.write(master, typed.encode().decode("unicode_escape").encode("latin-1"))
    done, result = os.waitpid(pid, os.WNOHANG)
    if done:
        status = result
if status is None:
    os.kill(pid, signal.SIGKILL)
while select.select([master], [], [], 0.1)[0]:
    said += os.read(master, 4096)
ended = None if status is None else -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
print(json.dumps({"code": ended, "said": said.decode("latin-1"), "before": before, "meanwhile": meanwhile, "after": settings()}))
