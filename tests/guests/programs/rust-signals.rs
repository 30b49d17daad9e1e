// build: rustc -O -C panic=abort -C lto -C link-arg=--strip-debug
// Signals in Rust by the extern block of docs/signals.md: a timer into a loop, a mask, queued values, and a default action.
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

const SIGTERM: i32 = 15;
const SIGVTALRM: i32 = 26;
const SIGRTMIN: i32 = 34;
const ITIMER_VIRTUAL: i32 = 1;
const SIG_BLOCK: i32 = 0;
const SIG_SETMASK: i32 = 2;
const SA_SIGINFO: i32 = 4;

#[repr(C)]
struct Sigaction {
    handler: usize,
    padding: u32,
    mask: u64,
    flags: i32,
    restorer: u32,
}

#[repr(C)]
struct Siginfo {
    signo: i32,
    errno: i32,
    code: i32,
    pid: i32,
    uid: i32,
    value: i32,
    padding: [u8; 104],
}

#[link(wasm_import_module = "wirq/signal")]
extern "C" {
    fn sigaction(signal: i32, act: *const Sigaction, old: *mut Sigaction) -> i32;
    fn sigprocmask(how: i32, set: *const u64, old: *mut u64) -> i32;
    fn sigqueue(pid: i32, signal: i32, value: i32) -> i32;
    fn raise(signal: i32) -> i32;
    fn getpid() -> i32;
    fn setitimer(which: i32, new: *const [i64; 4], old: *mut [i64; 4]) -> i32;
}

static TICKS: AtomicU32 = AtomicU32::new(0);
static SUM: AtomicI32 = AtomicI32::new(0);

extern "C" fn tick(_signal: i32) {
    TICKS.fetch_add(1, Ordering::Relaxed);
}

extern "C" fn add(_signal: i32, info: *const Siginfo, _context: *const u8) {
    let info = unsafe { &*info };
    SUM.store(SUM.load(Ordering::Relaxed) * 10 + info.value, Ordering::Relaxed);
}

fn handle(signal: i32, handler: usize, flags: i32) {
    let act = Sigaction { handler, padding: 0, mask: 0, flags, restorer: 0 };
    assert_eq!(unsafe { sigaction(signal, &act, std::ptr::null_mut()) }, 0);
}

fn main() {
    handle(SIGVTALRM, tick as usize, 0);
    unsafe { setitimer(ITIMER_VIRTUAL, &[0, 1000, 0, 1000], std::ptr::null_mut()) };
    while TICKS.load(Ordering::Relaxed) < 5 {}
    unsafe { setitimer(ITIMER_VIRTUAL, &[0, 0, 0, 0], std::ptr::null_mut()) };
    println!("ticks: {}", TICKS.load(Ordering::Relaxed));

    handle(SIGRTMIN, add as usize, SA_SIGINFO);
    let set = 1u64 << (SIGRTMIN - 1);
    let mut before = 0u64;
    unsafe { sigprocmask(SIG_BLOCK, &set, &mut before) };
    for value in 1..=3 {
        unsafe { sigqueue(getpid(), SIGRTMIN, value) };
    }
    println!("blocked: {}", SUM.load(Ordering::Relaxed));
    unsafe { sigprocmask(SIG_SETMASK, &before, std::ptr::null_mut()) };
    println!("values: {}", SUM.load(Ordering::Relaxed));
    unsafe { raise(SIGTERM) };
    println!("not reached");
}
