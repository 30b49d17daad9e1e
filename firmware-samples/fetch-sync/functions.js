// What fetch-sync's firmware imports, in JavaScript: wirq --host functions.js fetch-sync.wasm. `latency_ns` is what a request
// takes in machine time, whatever it takes in ours, so that the run is the same every time.
export default (guest) => ({
  http: {
    get: {
      signature: 'iiii>i',
      async: { latency_ns: 5e6, rejected: -1, cancellable: true },
      async call(url, urlBytes, to, room, signal) {
        const text = new TextDecoder().decode(new Uint8Array(guest.memory().buffer, url, urlBytes).slice());
        const response = await fetch(text, { signal });
        const page = new Uint8Array(await response.arrayBuffer()).subarray(0, room);
        new Uint8Array(guest.memory().buffer).set(page, to);
        return page.length;
      },
    },
  },
});
