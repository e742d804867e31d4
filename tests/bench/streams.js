// The streams of `stream.rs` through `feed` of redarium.js; million commands a second for each.
// Used by Node and by a page.

export async function run(Redarium, streams, commands, batch, keys) {
  const node = new Redarium({ seed: 7, history: false });
  const encoder = new TextEncoder();
  const rates = [];
  for (const words of streams) {
    const batches = [];
    for (let first = 0; first < commands; first += batch) {
      let text = "";
      for (let n = first; n < first + batch; n++) {
        const number = String((n * 48271) % keys).padStart(12, "0");
        text += `*${words.length}\r\n`;
        for (const word of words) {
          const filled = word.replace("#", number);
          text += `$${filled.length}\r\n${filled}\r\n`;
        }
      }
      batches.push(encoder.encode(text));
    }
    const start = performance.now();
    for (const bytes of batches) node.feed(bytes);
    rates.push(commands / (performance.now() - start) / 1000);
  }
  node.free();
  return rates;
}
