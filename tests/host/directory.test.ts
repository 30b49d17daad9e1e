/** Real directories as a guest meets them: what works, and every way out that does not. */
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fd, wasi } from '@bjorn3/browser_wasi_shim';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { WirqError } from '../../src/errors.ts';
import { EPOCH_NS } from '../../src/guests/wasi-clock.ts';
import type { GuestDirectory } from '../../src/guests/wasi-directory.ts';
import { openPreopen } from '../../src/host/directory.ts';
import { openNamedPlace, openPlace } from '../../src/host/sandbox.ts';

const NOTCAPABLE = wasi.ERRNO_NOTCAPABLE;
const READ = BigInt(wasi.RIGHTS_FD_READ);
const WRITE = BigInt(wasi.RIGHTS_FD_WRITE);
const { OFLAGS_CREAT: CREAT, OFLAGS_EXCL: EXCL, OFLAGS_TRUNC: TRUNC, OFLAGS_DIRECTORY: DIRECTORY } = wasi;

/** `outside/secret` and, beside it, the guest's directory `inside` with a file and a folder in it. */
function setUp(t: ExecutionContext, place = openPlace) {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'wirq-directory-')));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  const inside = join(top, 'inside');
  mkdirSync(join(top, 'outside'));
  mkdirSync(join(inside, 'folder/deep'), { recursive: true });
  writeFileSync(join(top, 'outside/secret'), 'SECRET');
  writeFileSync(join(inside, 'file'), 'content');
  writeFileSync(join(inside, 'folder/other'), 'other content');
  const clock = { now: 0n };
  const open = (device = 1) =>
    openPreopen(inside, place).open({ calendar: () => EPOCH_NS + clock.now, device }) as GuestDirectory;
  return { top, inside, clock, open, guest: open() };
}

function opened(directory: Fd, path: string, oflags = 0, rights = READ, dirflags = 1, fdflags = 0): Fd {
  const { ret, fd_obj } = directory.path_open(dirflags, path, oflags, rights, rights, fdflags);
  if (fd_obj === null) throw new Error(`path_open(${path}): errno ${ret}`);
  return fd_obj;
}

const openErrno = (directory: Fd, path: string, oflags = 0, rights = READ, dirflags = 1) =>
  directory.path_open(dirflags, path, oflags, rights, rights, 0).ret;
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const bytes = (content: string) => new TextEncoder().encode(content);

function listed(directory: Fd): string[] {
  const names: string[] = [];
  for (let cookie = 0n; ; ) {
    const { dirent } = directory.fd_readdir_single(cookie);
    if (dirent === null) return names;
    names.push(text(dirent.dir_name));
    cookie = dirent.d_next;
  }
}

test('HOST alone is its own name, HOST::GUEST has another', (t) => {
  const { inside } = setUp(t);
  t.is(openPreopen(inside).guestPath, inside);
  t.is(openPreopen(`${inside}::/data`).guestPath, '/data');
});

test('a directory that is missing, or a file, or no name at all is refused with advice', (t) => {
  const { inside } = setUp(t);
  const refusal = (spec: string) => t.throws(() => openPreopen(spec), { instanceOf: WirqError });
  t.is(refusal(join(inside, 'nowhere'))?.code, 'bad-file');
  t.regex(refusal(join(inside, 'nowhere'))?.message ?? '', /does not exist/);
  t.regex(refusal(join(inside, 'file::/x'))?.message ?? '', /is a file/);
  t.is(refusal('::/data')?.code, 'bad-argument');
  t.is(refusal(`${inside}::`)?.code, 'bad-argument');
});

test('a file is read, in parts and at offsets', (t) => {
  const { guest } = setUp(t);
  const file = opened(guest, 'folder/../file');
  t.is(text(file.fd_read(3).data), 'con');
  t.is(text(file.fd_read(100).data), 'tent');
  t.is(file.fd_read(100).data.length, 0);
  t.is(text(file.fd_pread(3, 1n).data), 'ont');
  t.deepEqual(file.fd_seek(-2n, wasi.WHENCE_END), { ret: 0, offset: 5n });
  t.is(text(file.fd_read(9).data), 'nt');
  t.is(file.fd_seek(-8n, wasi.WHENCE_CUR).ret, 28);
  t.is(file.fd_seek(0n, 3).ret, 28);
  t.is(file.fd_tell().offset, 7n);
  t.is(file.fd_pread(1, 2n ** 60n).ret, wasi.ERRNO_FBIG);
  t.is(file.fd_write(bytes('x')).ret, wasi.ERRNO_BADF);
  t.is(file.fd_close(), 0);
  t.is(file.fd_read(1).ret, wasi.ERRNO_BADF);
});

test('a file is made, written, extended, cut and appended to', (t) => {
  const { guest, inside } = setUp(t);
  const file = opened(guest, 'folder/new', CREAT | EXCL, READ | WRITE);
  t.is(file.fd_write(bytes('hello')).nwritten, 5);
  t.is(file.fd_pwrite(bytes('J'), 0n).nwritten, 1);
  t.is(readFileSync(join(inside, 'folder/new'), 'utf8'), 'Jello');
  t.is(file.fd_filestat_set_size(2n), 0);
  t.is(file.fd_allocate(0n, 4n), 0);
  t.is(file.fd_allocate(0n, 1n), 0);
  t.is(readFileSync(join(inside, 'folder/new'), 'utf8'), 'Je\0\0');
  t.is(file.fd_filestat_set_size(-1n), wasi.ERRNO_FBIG);
  t.is(file.fd_sync(), 0);
  t.is(openErrno(guest, 'folder/new', CREAT | EXCL, WRITE), wasi.ERRNO_EXIST);
  const again = opened(guest, 'folder/new', TRUNC, WRITE, 1, wasi.FDFLAGS_APPEND);
  again.fd_write(bytes('1'));
  again.fd_seek(0n, wasi.WHENCE_SET);
  again.fd_write(bytes('2'));
  t.is(readFileSync(join(inside, 'folder/new'), 'utf8'), '12');
  t.is(again.fd_fdstat_get().fdstat?.fs_flags, wasi.FDFLAGS_APPEND);
  t.is(again.fd_read(1).ret, wasi.ERRNO_BADF);
});

test('what POSIX refuses is refused alike', (t) => {
  const { guest } = setUp(t);
  t.is(openErrno(guest, 'nothing'), wasi.ERRNO_NOENT);
  t.is(openErrno(guest, ''), wasi.ERRNO_NOENT);
  t.is(openErrno(guest, 'nothing/file', CREAT, WRITE), wasi.ERRNO_NOENT);
  t.is(openErrno(guest, 'file/x'), wasi.ERRNO_NOTDIR);
  t.is(openErrno(guest, 'file/'), wasi.ERRNO_NOTDIR);
  t.is(openErrno(guest, 'file/.'), wasi.ERRNO_NOTDIR);
  t.is(openErrno(guest, 'file', DIRECTORY), wasi.ERRNO_NOTDIR);
  t.is(openErrno(guest, 'folder', 0, WRITE), wasi.ERRNO_ISDIR);
  t.is(openErrno(guest, 'new/', CREAT, WRITE), wasi.ERRNO_ISDIR);
  t.is(openErrno(guest, 'x'.repeat(300)), wasi.ERRNO_NAMETOOLONG);
  t.is(openErrno(guest, 'a\0b'), wasi.ERRNO_INVAL);
  t.is(guest.path_create_directory('folder'), wasi.ERRNO_EXIST);
  t.is(guest.path_remove_directory('folder'), wasi.ERRNO_NOTEMPTY);
  t.is(guest.path_remove_directory('file'), wasi.ERRNO_NOTDIR);
  t.is(guest.path_remove_directory('.'), wasi.ERRNO_INVAL);
  t.is(guest.path_unlink_file('folder'), wasi.ERRNO_ISDIR);
  t.is(guest.path_unlink_file('nothing'), wasi.ERRNO_NOENT);
  t.is(guest.rename('.', guest, 'moved'), wasi.ERRNO_INVAL);
  t.is(guest.rename('file', guest, 'folder'), wasi.ERRNO_ISDIR);
  t.is(guest.rename('folder', guest, 'folder/deep/own'), wasi.ERRNO_INVAL);
  t.is(guest.path_readlink('file').ret, wasi.ERRNO_INVAL);
  t.is(opened(guest, 'folder').fd_read(1).ret, wasi.ERRNO_ISDIR);
});

test('directories are made, listed in order, and removed', (t) => {
  const { guest, inside } = setUp(t);
  t.is(guest.path_create_directory('new'), 0);
  t.is(guest.path_create_directory('new/sub/'), 0);
  for (const name of ['b', 'a', 'Z', 'ä', '10', '9']) writeFileSync(join(inside, 'new', name), '');
  const directory = opened(guest, 'new', DIRECTORY);
  t.deepEqual(listed(directory), ['.', '..', '10', '9', 'Z', 'a', 'b', 'sub', 'ä']);
  t.is(text(directory.fd_readdir_single(3n).dirent!.dir_name), '9');
  t.is(directory.fd_readdir_single(9n).dirent, null);
  t.is(directory.fd_readdir_single(2n ** 64n - 1n).dirent, null);
  t.is(guest.path_remove_directory('new/sub'), 0);
  t.true(listed(directory).includes('a') && !listed(directory).includes('sub'));
});

test('a listing goes on from its cookie though entries went meanwhile', (t) => {
  const { guest } = setUp(t);
  const directory = opened(guest, 'folder', DIRECTORY);
  t.is(text(directory.fd_readdir_single(2n).dirent!.dir_name), 'deep');
  directory.path_remove_directory('deep');
  t.is(text(directory.fd_readdir_single(3n).dirent!.dir_name), 'other');
});

test('files are moved and linked', (t) => {
  const { guest, inside } = setUp(t);
  t.is(guest.rename('file', guest, 'folder/moved'), 0);
  t.is(readFileSync(join(inside, 'folder/moved'), 'utf8'), 'content');
  t.is(guest.link('folder/moved', false, guest, 'second'), 0);
  t.is(guest.path_filestat_get(1, 'second').filestat?.nlink, 2n);
  t.is(guest.link('folder/moved', false, guest, 'second'), wasi.ERRNO_EXIST);
  t.is(guest.link('folder', false, guest, 'third'), wasi.ERRNO_PERM);
  t.is(guest.rename('folder/moved', guest, 'folder/other'), 0);
  t.is(readFileSync(join(inside, 'folder/other'), 'utf8'), 'content');
});

test('an opened directory stays the same when it is moved', (t) => {
  if (process.platform !== 'linux') {
    t.pass('only where directories are held open');
    return;
  }
  const { guest } = setUp(t);
  const folder = opened(guest, 'folder', DIRECTORY);
  t.is(guest.rename('folder', guest, 'elsewhere'), 0);
  t.is(text(opened(folder, 'other').fd_read(5).data), 'other');
});

test('links inside are followed, wherever they stand in the path', (t) => {
  const { guest, inside } = setUp(t);
  t.is(guest.symlink('other', 'folder/link'), 0);
  t.is(guest.symlink('folder', 'dir'), 0);
  t.is(guest.symlink('../file', 'folder/up'), 0);
  t.is(guest.symlink('.', 'self'), 0);
  t.is(guest.symlink('../folder/../file', 'folder/around'), 0);
  t.is(text(opened(guest, 'dir/link').fd_read(5).data), 'other');
  t.is(text(opened(guest, 'self/dir/../dir/link').fd_read(5).data), 'other');
  t.is(text(opened(guest, 'dir/up').fd_read(9).data), 'content');
  t.is(text(opened(guest, 'dir/around').fd_read(9).data), 'content');
  t.is(guest.path_readlink('folder/up').data, '../file');
  t.is(openErrno(guest, 'folder/link', 0, READ, 0), wasi.ERRNO_LOOP);
  t.is(guest.path_filestat_get(0, 'dir').filestat?.filetype, wasi.FILETYPE_SYMBOLIC_LINK);
  t.is(guest.path_filestat_get(1, 'dir').filestat?.filetype, wasi.FILETYPE_DIRECTORY);
  t.is(guest.path_filestat_get(0, 'dir/').filestat?.filetype, wasi.FILETYPE_DIRECTORY);
  t.is(openErrno(guest, 'folder/link', CREAT | EXCL, WRITE), wasi.ERRNO_EXIST);
  t.is(guest.link('folder/link', true, guest, 'hard'), 0);
  t.true(lstatSync(join(inside, 'hard')).isFile());
  t.is(guest.path_unlink_file('dir'), 0);
  t.true(existsSync(join(inside, 'folder/other')));
});

test('a link to nothing, inside, is filled by creating through it', (t) => {
  const { guest, inside } = setUp(t);
  t.is(guest.symlink('folder/fresh', 'dangling'), 0);
  t.is(openErrno(guest, 'dangling'), wasi.ERRNO_NOENT);
  opened(guest, 'dangling', CREAT, WRITE).fd_write(bytes('made'));
  t.is(readFileSync(join(inside, 'folder/fresh'), 'utf8'), 'made');
});

test('links in a circle end', (t) => {
  const { guest, inside } = setUp(t);
  symlinkSync('b', join(inside, 'a'));
  symlinkSync('a', join(inside, 'b'));
  symlinkSync('deeper/deeper', join(inside, 'deeper'));
  t.is(openErrno(guest, 'a'), wasi.ERRNO_LOOP);
  t.is(openErrno(guest, 'deeper'), wasi.ERRNO_LOOP);
  t.is(guest.path_unlink_file('a'), 0);
});

test('forty links are followed, one more is a loop', (t) => {
  const { guest, inside } = setUp(t);
  symlinkSync('file', join(inside, 'l1'));
  for (let i = 2; i <= 41; i++) symlinkSync(`l${i - 1}`, join(inside, `l${i}`));
  t.is(openErrno(guest, 'l40'), 0);
  t.is(openErrno(guest, 'l41'), wasi.ERRNO_LOOP);
});

test('a path deeper than the limit is refused and leaves nothing open', (t) => {
  const { guest, inside } = setUp(t);
  mkdirSync(join(inside, 'd/'.repeat(300)), { recursive: true });
  t.is(guest.path_filestat_get(1, 'd/'.repeat(257)).ret, 0);
  t.is(guest.path_filestat_get(1, 'd/'.repeat(258)).ret, wasi.ERRNO_NAMETOOLONG);
  for (let i = 0; i < 20; i++) guest.path_filestat_get(1, 'd/'.repeat(258));
  t.is(openErrno(guest, 'file'), 0);
});

const waysOut: readonly (readonly [string, (at: { inside: string; top: string }) => string])[] = [
  ['..', () => '../outside/secret'],
  ['.. after a folder', () => 'folder/../../outside/secret'],
  ['.. with odd slashes', () => './/folder/.//..//../outside/secret'],
  ['.. alone', () => '..'],
  ['an absolute path', ({ top }) => join(top, 'outside/secret')],
  ['an absolute path back inside', ({ inside }) => join(inside, 'file')],
  [
    'a link to a file',
    ({ inside }) => {
      symlinkSync('../outside/secret', join(inside, 'link'));
      return 'link';
    },
  ],
  [
    'a link to an absolute path',
    ({ inside, top }) => {
      symlinkSync(join(top, 'outside/secret'), join(inside, 'link'));
      return 'link';
    },
  ],
  [
    'a link to a directory',
    ({ inside }) => {
      symlinkSync('../outside', join(inside, 'link'));
      return 'link/secret';
    },
  ],
  [
    'a chain of links',
    ({ inside }) => {
      symlinkSync('folder/second', join(inside, 'first'));
      symlinkSync('../third', join(inside, 'folder/second'));
      symlinkSync('..', join(inside, 'third'));
      return 'first/outside/secret';
    },
  ],
  [
    'a link that climbs from deep below',
    ({ inside }) => {
      symlinkSync('../../../outside/secret', join(inside, 'folder/deep/link'));
      return 'folder/deep/link';
    },
  ],
];

const places = [
  ['held open', openPlace],
  ['by name', openNamedPlace],
] as const;

for (const [kind, place, name, prepare] of places.flatMap((one) => waysOut.map((way) => [...one, ...way] as const))) {
  test(`no way out by ${name}, directories ${kind}`, (t) => {
    const board = setUp(t, place);
    const { guest, top } = board;
    const path = prepare(board);
    t.is(openErrno(guest, path), NOTCAPABLE);
    t.is(openErrno(guest, path, CREAT | TRUNC, WRITE), NOTCAPABLE);
    t.is(openErrno(guest, path, DIRECTORY), NOTCAPABLE);
    t.is(guest.path_filestat_get(1, path).ret, NOTCAPABLE);
    t.is(guest.path_filestat_set_times(1, path, 0n, 0n, 5), NOTCAPABLE);
    t.is(guest.link(path, true, guest, 'stolen'), NOTCAPABLE);
    t.is(guest.path_create_directory(`${path}/x`), NOTCAPABLE);
    t.is(guest.path_unlink_file(`${path}/x`), NOTCAPABLE);
    t.is(guest.path_remove_directory(`${path}/x`), NOTCAPABLE);
    t.is(guest.rename('file', guest, `${path}/x`), NOTCAPABLE);
    t.is(guest.rename(`${path}/x`, guest, 'stolen'), NOTCAPABLE);
    t.is(guest.link('file', false, guest, `${path}/x`), NOTCAPABLE);
    t.is(guest.symlink('file', `${path}/x`), NOTCAPABLE);
    t.is(guest.path_readlink(`${path}/x`).ret, NOTCAPABLE);
    t.is(readFileSync(join(top, 'outside/secret'), 'utf8'), 'SECRET');
    t.false(existsSync(join(board.inside, 'stolen')));
  });
}

test('no file is made outside through a link to nothing', (t) => {
  const { guest, inside, top } = setUp(t);
  symlinkSync('../outside/new', join(inside, 'dangling'));
  symlinkSync(join(top, 'outside/new'), join(inside, 'absolute'));
  for (const name of ['dangling', 'absolute']) {
    t.is(openErrno(guest, name, CREAT, WRITE), NOTCAPABLE);
    t.is(openErrno(guest, name, CREAT | EXCL, WRITE), wasi.ERRNO_EXIST);
    t.is(guest.path_create_directory(name), wasi.ERRNO_EXIST);
  }
  t.false(existsSync(join(top, 'outside/new')));
});

test('no link is made that leads outside, nor moved so that it does', (t) => {
  const { guest, inside, top } = setUp(t);
  t.is(guest.symlink('../outside', 'link'), NOTCAPABLE);
  t.is(guest.symlink(join(top, 'outside'), 'link'), NOTCAPABLE);
  t.is(guest.symlink('/etc', 'link'), NOTCAPABLE);
  t.is(guest.symlink('nothing/../../outside', 'folder/link'), wasi.ERRNO_SUCCESS);
  t.is(guest.symlink('nothing/../../../outside', 'folder/link2'), NOTCAPABLE);
  t.is(guest.symlink('..', 'folder/up'), 0);
  t.is(guest.rename('folder/up', guest, 'up'), NOTCAPABLE);
  t.is(readlinkSync(join(inside, 'folder/up')), '..');
  // As text it stays inside; by the links that exist it does not.
  t.is(guest.symlink('deep', 'folder/far'), 0);
  symlinkSync('.', join(inside, 'here'));
  t.is(guest.symlink('here/../outside', 'link'), NOTCAPABLE);
});

test('a link that was already there is moved and removed, but tells no absolute path', (t) => {
  const { guest, inside, top } = setUp(t);
  symlinkSync(join(top, 'outside'), join(inside, 'link'));
  t.is(guest.path_readlink('link').ret, NOTCAPABLE);
  t.is(guest.path_filestat_get(0, 'link').filestat?.filetype, wasi.FILETYPE_SYMBOLIC_LINK);
  t.is(guest.link('link', false, guest, 'hard'), wasi.ERRNO_NOTSUP);
  t.is(guest.path_unlink_file('link'), 0);
  t.true(existsSync(join(top, 'outside/secret')));
});

test('from a directory opened inside there is no way above it', (t) => {
  const { guest } = setUp(t);
  const folder = opened(guest, 'folder', DIRECTORY);
  t.is(openErrno(folder, '../file'), NOTCAPABLE);
  t.is(openErrno(folder, 'deep/../other'), 0);
});

test('a swap of a directory for a link between two calls gains nothing', (t) => {
  const { guest, inside, top } = setUp(t);
  const folder = opened(guest, 'folder', DIRECTORY);
  rmSync(join(inside, 'folder'), { recursive: true });
  symlinkSync(join(top, 'outside'), join(inside, 'folder'));
  t.is(openErrno(guest, 'folder/secret'), NOTCAPABLE);
  t.not(openErrno(folder, 'secret'), 0);
});

test('a socket is neither opened nor waited for', async (t) => {
  if (process.platform === 'win32') {
    t.pass('no sockets in directories');
    return;
  }
  const { guest, inside } = setUp(t);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(inside, 's'), resolve));
  t.teardown(() => server.close());
  t.is(openErrno(guest, 's'), wasi.ERRNO_ACCES);
  t.is(openErrno(guest, 's', CREAT, WRITE), wasi.ERRNO_ACCES);
});

test('numbers and times are the same on every run and no business of the host', (t) => {
  const { open, inside, clock } = setUp(t);
  const look = () => {
    clock.now = 0n;
    const guest = open(3);
    const show = (path: string) => {
      const { filestat } = guest.path_filestat_get(1, path);
      return filestat === null ? undefined : [filestat.dev, filestat.ino, filestat.mtim - EPOCH_NS, filestat.size];
    };
    const before = [show('folder/other'), show('file'), show('folder/other'), show('folder')];
    clock.now = 5000n;
    const file = opened(guest, 'made', CREAT, WRITE);
    clock.now = 6000n;
    file.fd_write(bytes('abc'));
    const after = [show('made'), show('file'), show('.')];
    guest.path_unlink_file('made');
    return [before, after];
  };
  const first = look();
  t.deepEqual(first, [
    [
      [3n, 2n, 0n, 13n],
      [3n, 3n, 0n, 7n],
      [3n, 2n, 0n, 13n],
      [3n, 4n, 0n, 0n],
    ],
    [
      [3n, 5n, 6000n, 3n],
      [3n, 3n, 0n, 7n],
      [3n, 1n, 5000n, 0n],
    ],
  ]);
  utimesSync(join(inside, 'file'), 1e9, 1e9);
  t.deepEqual(look(), first);
});

test('a file made after another was removed is another file', (t) => {
  const { guest } = setUp(t);
  const number = () => guest.path_filestat_get(1, 'x').filestat?.ino;
  opened(guest, 'x', CREAT, WRITE).fd_close();
  const first = number();
  guest.path_unlink_file('x');
  opened(guest, 'x', CREAT, WRITE).fd_close();
  t.is(number(), first! + 1n);
});

test('times are set as asked, and read back', (t) => {
  const { guest, clock, inside } = setUp(t);
  const { FSTFLAGS_ATIM: A, FSTFLAGS_MTIM: M, FSTFLAGS_MTIM_NOW: MNOW } = wasi;
  t.is(guest.path_filestat_set_times(1, 'file', 7_000_000_000n, 9_000_000_000n, A | M), 0);
  t.like(guest.path_filestat_get(1, 'file').filestat, { atim: 7_000_000_000n, mtim: 9_000_000_000n });
  t.is(lstatSync(join(inside, 'file')).mtimeMs, 9000);
  clock.now = 42n;
  const file = opened(guest, 'file', 0, READ | WRITE);
  t.is(file.fd_filestat_set_times(1n, 1n, MNOW), 0);
  t.like(file.fd_filestat_get().filestat, { atim: 7_000_000_000n, mtim: EPOCH_NS + 42n });
  t.is(file.fd_filestat_set_times(1n, 1n, M | MNOW), wasi.ERRNO_INVAL);
  t.is(guest.path_filestat_set_times(1, 'nothing', 1n, 1n, M), wasi.ERRNO_NOENT);
  t.is(guest.fd_filestat_set_times(1n, 2_000_000_000n, M), 0);
  t.is(guest.fd_filestat_get().filestat?.mtim, 2_000_000_000n);
});

test('a hard link that leads to a file outside is the giver’s doing, and is only that file', (t) => {
  const { guest, inside, top } = setUp(t);
  linkSync(join(top, 'outside/secret'), join(inside, 'given'));
  t.is(text(opened(guest, 'given').fd_read(6).data), 'SECRET');
});

const component = fc.constantFrom(
  '..',
  '.',
  '',
  'file',
  'folder',
  'deep',
  'out',
  'far',
  'chain',
  'new',
  'secret',
  'outside',
);
const anyPath = fc.array(component, { maxLength: 7 }).map((parts) => parts.join('/'));

for (const [name, place] of places) {
  test(`no sequence of operations with any paths reads or changes what is outside, directories ${name}`, (t) => {
    escapeProperty(place);
    t.pass();
  });
}

function escapeProperty(place: typeof openPlace): void {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(8), anyPath, anyPath), { maxLength: 12 }), (operations) => {
      const top = realpathSync(mkdtempSync(join(tmpdir(), 'wirq-escape-')));
      const inside = join(top, 'inside');
      mkdirSync(join(inside, 'folder/deep'), { recursive: true });
      mkdirSync(join(top, 'outside'));
      writeFileSync(join(top, 'outside/secret'), 'SECRET');
      writeFileSync(join(inside, 'file'), 'content');
      symlinkSync('../outside', join(inside, 'out'));
      symlinkSync(join(top, 'outside'), join(inside, 'folder/far'));
      symlinkSync('folder/deep/../far', join(inside, 'chain'));
      const guest = openPreopen(inside, place).open({ calendar: () => 0n, device: 1 }) as GuestDirectory;
      try {
        for (const [kind, path, other] of operations) {
          const { fd_obj } = kind === 0 ? guest.path_open(1, path, CREAT, READ | WRITE, 0n, 0) : { fd_obj: null };
          if (fd_obj !== null) {
            const { data } = fd_obj.fd_read(100);
            if (text(data).includes('SECRET')) throw new Error(`read the secret at ${path}`);
            fd_obj.fd_write(bytes('graffiti'));
            fd_obj.fd_close();
          }
          if (kind === 1) guest.rename(path, guest, other);
          if (kind === 2) guest.link(path, true, guest, other);
          if (kind === 3) guest.symlink(path, other);
          if (kind === 4) guest.path_unlink_file(path);
          if (kind === 5) guest.path_remove_directory(path);
          if (kind === 6) guest.path_create_directory(path);
          if (kind === 7) guest.path_filestat_set_times(1, path, 1n, 1n, 5);
          if (kind === 8) guest.path_filestat_get(1, path);
        }
        if (readFileSync(join(top, 'outside/secret'), 'utf8') !== 'SECRET') throw new Error('the secret changed');
        const { mtimeMs } = lstatSync(join(top, 'outside/secret'));
        if (mtimeMs < 1e12) throw new Error('the secret was dated');
        const names = listed(openPreopen(top).open({ calendar: () => 0n, device: 1 }));
        if (names.join() !== '.,..,inside,outside') throw new Error(`beside the directory: ${names}`);
        const outside = listed(openPreopen(join(top, 'outside')).open({ calendar: () => 0n, device: 1 }));
        if (outside.join() !== '.,..,secret') throw new Error(`outside: ${outside}`);
      } finally {
        guest.fd_close();
        rmSync(top, { recursive: true, force: true });
      }
    }),
    { numRuns: 400 },
  );
}
