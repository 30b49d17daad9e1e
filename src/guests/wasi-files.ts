/**
 * The functions on files and paths in which `@bjorn3/browser_wasi_shim` 0.4.2 is not enough: it puts a filestat's times
 * at wrong offsets, never reuses a descriptor's number, loses a descriptor renumbered to itself, answers a short
 * readlink buffer with BADF, and moves files by relinking objects in memory. All else stays with the shim.
 */
import { wasi } from '@bjorn3/browser_wasi_shim';
import type { DescriptorTable } from './wasi-descriptors.ts';
import { GuestDirectory } from './wasi-directory.ts';
import type { WasiCalls } from './wasi-signatures.ts';

/** `bytes` is a fresh view of the guest's memory on each call. */
export function fileCalls(descriptors: DescriptorTable, bytes: () => Uint8Array): WasiCalls {
  const text = (pointer: number, length: number) =>
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes().slice(pointer, pointer + length));
  const view = () => new DataView(bytes().buffer);
  return {
    fd_filestat_get(fd, pointer) {
      const found = descriptors.get(fd)?.fd_filestat_get();
      if (found === undefined) return wasi.ERRNO_BADF;
      if (found.filestat !== null) writeFilestat(view(), pointer, found.filestat);
      return found.ret;
    },
    path_filestat_get(fd, flags, path, length, pointer) {
      const found = descriptors.get(fd)?.path_filestat_get(flags, text(path, length));
      if (found === undefined) return wasi.ERRNO_BADF;
      if (found.filestat !== null) writeFilestat(view(), pointer, found.filestat);
      return found.ret;
    },
    fd_renumber(fd, to) {
      const [moved, replaced] = [descriptors.get(fd), descriptors.get(to)];
      if (moved === undefined || replaced === undefined) return wasi.ERRNO_BADF;
      if (fd === to) return 0;
      const errno = replaced.fd_close();
      if (errno !== 0) return errno;
      descriptors.put(to, moved);
      descriptors.put(fd, undefined);
      return 0;
    },
    path_open(fd, dirflags, path, length, oflags, rights, inheriting, fdflags, pointer) {
      const directory = descriptors.get(fd);
      if (directory === undefined) return wasi.ERRNO_BADF;
      const number = descriptors.free;
      if (number === undefined) return wasi.ERRNO_MFILE;
      const opened = directory.path_open(dirflags, text(path, length), oflags, rights, inheriting, fdflags);
      if (opened.ret !== 0 || opened.fd_obj === null) return opened.ret || wasi.ERRNO_IO;
      descriptors.put(number, opened.fd_obj);
      view().setUint32(pointer, number, true);
      return 0;
    },
    path_readlink(fd, path, pathLength, pointer, length, countPointer) {
      const found = descriptors.get(fd)?.path_readlink(text(path, pathLength));
      if (found === undefined) return wasi.ERRNO_BADF;
      if (found.data === null) return found.ret;
      const content = new TextEncoder().encode(found.data).subarray(0, length);
      bytes().set(content, pointer);
      view().setUint32(countPointer, content.length, true);
      return found.ret;
    },
    ...moveCalls(descriptors, text),
  };
}

function moveCalls(descriptors: DescriptorTable, text: (pointer: number, length: number) => string): WasiCalls {
  return {
    path_rename(fd, oldPath, oldLength, newFd, newPath, newLength) {
      const [from, to] = [descriptors.get(fd), descriptors.get(newFd)];
      if (from === undefined || to === undefined) return wasi.ERRNO_BADF;
      if (!(from instanceof GuestDirectory && to instanceof GuestDirectory)) return wasi.ERRNO_NOTSUP;
      return from.rename(text(oldPath, oldLength), to, text(newPath, newLength));
    },
    path_link(fd, flags, oldPath, oldLength, newFd, newPath, newLength) {
      const [from, to] = [descriptors.get(fd), descriptors.get(newFd)];
      if (from === undefined || to === undefined) return wasi.ERRNO_BADF;
      if (!(from instanceof GuestDirectory && to instanceof GuestDirectory)) return wasi.ERRNO_NOTSUP;
      return from.link(text(oldPath, oldLength), (flags & 1) !== 0, to, text(newPath, newLength));
    },
    path_symlink(content, contentLength, fd, path, length) {
      const directory = descriptors.get(fd);
      if (directory === undefined) return wasi.ERRNO_BADF;
      if (!(directory instanceof GuestDirectory)) return wasi.ERRNO_NOTSUP;
      return directory.symlink(text(content, contentLength), text(path, length));
    },
  };
}

/** The shim's own `write_bytes` puts the three times at 38, 46 and 52. */
function writeFilestat(view: DataView, pointer: number, filestat: wasi.Filestat): void {
  for (let offset = 0; offset < 64; offset += 8) view.setBigUint64(pointer + offset, 0n, true);
  view.setBigUint64(pointer, filestat.dev, true);
  view.setBigUint64(pointer + 8, filestat.ino, true);
  view.setUint8(pointer + 16, filestat.filetype);
  view.setBigUint64(pointer + 24, filestat.nlink, true);
  view.setBigUint64(pointer + 32, filestat.size, true);
  view.setBigUint64(pointer + 40, filestat.atim, true);
  view.setBigUint64(pointer + 48, filestat.mtim, true);
  view.setBigUint64(pointer + 56, filestat.ctim, true);
}
