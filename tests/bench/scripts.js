// The scripts of `scripts.rs` through `feed` of redarium.js; milliseconds for each.
// Used by Node and by a page.

export async function run(Redarium, scripts) {
  const node = new Redarium({ seed: 7, history: false });
  const encoder = new TextEncoder();
  const times = [];
  for (const [text, repeats] of scripts) {
    const bytes = encoder.encode(text);
    const start = performance.now();
    for (let n = 0; n < repeats; n++) {
      const reply = node.feed(bytes);
      if (reply[0] !== 58) throw new Error(new TextDecoder().decode(reply));
    }
    times.push(performance.now() - start);
  }
  node.free();
  return times;
}
