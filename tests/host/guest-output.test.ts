/** The guest's output on standard streams, seen from outside by a process that writes, to a file and to a pipe. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { program, run } from './stream-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirq-output-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test('gathers pieces, passes on large ones, and loses nothing', (t) => {
  const { stdout } = run(`
    let at = 0;
    for (const size of [1, 10, 1000, 16383, 1, 16384, 16385, 100000, 0, 5]) {
      output.write('stdout', text(String(at++ % 10).repeat(size)));
    }
    output.flush(); output.flush();
    say(JSON.stringify(output.counts));`);
  const expected = [1, 10, 1000, 16383, 1, 16384, 16385, 100000, 0, 5].map((size, at) => String(at % 10).repeat(size));
  t.true(stdout === expected.join(''));
});

test('counts bytes by stream, and knows where a line has not ended', (t) => {
  const { stderr, stdout } = run(`
    const seen = [output.midLine];
    output.write('stdout', text('ä')); seen.push(output.midLine);
    output.write('stdout', text('\\n')); seen.push(output.midLine);
    output.write('stdout', text('')); seen.push(output.midLine);
    output.write('stdout', text('x')); output.write('stderr', text('\\n')); seen.push(output.midLine);
    output.flush();
    print(JSON.stringify([seen, output.counts]));`);
  t.is(stderr, '\n');
  t.is(stdout, 'ä\nx[[false,true,false,false,true],{"stdout":4,"stderr":1}]');
});

test('talk of our own begins a line where it can be seen within one', (t) => {
  const body = `
    output.write('stdout', text('a')); output.talk('one\\n'); output.talk('two\\n');
    output.write('stderr', text('b')); output.write('stdout', text('c')); output.print('three\\n'); output.talk('');
    output.talk('four\\n');`;
  const { stdout, stderr } = run(body);
  t.is(stdout, 'ac\nthree\n');
  t.is(stderr, 'one\ntwo\nb\nfour\n');
  const file = join(folder, 'meeting');
  const descriptor = openSync(file, 'w');
  spawnSync(process.execPath, program(body), { stdio: ['ignore', descriptor, descriptor] });
  closeSync(descriptor);
  t.is(readFileSync(file, 'utf8'), 'a\none\ntwo\nbc\nthree\nfour\n');
});

test('where both go to one place their order is kept', (t) => {
  const file = join(folder, 'both');
  const descriptor = openSync(file, 'w');
  const body = `output.write('stdout', text('a')); output.write('stderr', text('b')); output.write('stdout', text('c')); output.flush();`;
  spawnSync(process.execPath, program(body), { stdio: ['ignore', descriptor, descriptor] });
  closeSync(descriptor);
  t.is(readFileSync(file, 'utf8'), 'abc');
});

test('standard output goes to standard error where ours is spoken for', (t) => {
  const { stdout, stderr } = run(`output.write('stdout', text('guest')); output.flush(); print('ours');`, 2);
  t.is(stdout, 'ours');
  t.is(stderr, 'guest');
});

test('says that nobody reads standard output; standard error may go unread', (t) => {
  const body = `
    import { closeSync } from 'node:fs';
    closeSync(1);
    output.write('stdout', text('lost'));
    try { output.flush(); say('written'); } catch (error) {
      say(String(error instanceof HostFailure && error.error === undefined));
    }
    print('neither');
    say(String(writeStandard(1, text('x'))));`;
  t.is(run(body).stderr, 'truefalse');
  t.is(
    run(`import { closeSync } from 'node:fs'; closeSync(2);
    output.write('stderr', text('lost')); say('lost'); print('and on');`).stdout,
    'and on',
  );
});

test('a full disk is told as what it is', (t) => {
  if (!existsSync('/dev/full')) {
    t.pass('only where the system has a device that is always full');
    return;
  }
  const full = openSync('/dev/full', 'w');
  const body = `
    output.write('stdout', text('lost'));
    try { output.flush(); } catch (error) { say(error.error.message + '\\n'); }
    try { print('lost'); } catch (error) { say(error.message + '\\n'); }`;
  const { stderr } = spawnSync(process.execPath, program(body), { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  t.is(stderr, 'cannot write standard output: the disk is full\n'.repeat(2));
});
