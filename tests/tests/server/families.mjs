// Every family of commands through ioredis: a section for each, on an empty database.
//
// Usage: families.mjs PORT, with NODE_CLIENTS naming the folder that has `node_modules`.
// Prints one line for each section; an assertion that fails ends the run.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";

const port = Number(process.argv[2]);
const Redis = createRequire(join(process.env.NODE_CLIENTS, "package.json"))("ioredis");
const connect = (options = {}) => new Redis({ port, ...options });
const equal = assert.deepStrictEqual;

/** Asks until the answer is there: for what another connection is about to do. */
async function until(ask) {
  const deadline = Date.now() + 20_000;
  while (!(await ask())) assert(Date.now() < deadline, "it never happens");
}

const sections = {
  async connection(r) {
    equal(await r.ping(), "PONG");
    equal(await r.echo("hello"), "hello");
    const named = connect({ connectionName: "ann", db: 3 });
    await named.set("only-in-3", 1);
    equal(await r.exists("only-in-3"), 0);
    assert.match(await r.client("LIST"), /name=ann .*db=3/);
    await named.del("only-in-3");
    await named.quit();
    await assert.rejects(r.call("NONSENSE", "a"), /unknown command/);
    await assert.rejects(r.call("GET"), /wrong number of arguments/);
  },

  async strings(r) {
    equal(await r.get("nothing"), null);
    equal(await r.set("a", "1", "EX", 100, "NX"), "OK");
    equal(await r.set("a", "2", "NX"), null);
    equal(await r.incrby("a", 41), 42);
    equal(await r.mset({ x: 1, y: "two" }), "OK");
    equal(await r.mget("x", "nothing", "y"), ["1", null, "two"]);
    equal(await r.getBuffer("y"), Buffer.from("two"));
    const bytes = Buffer.from([...Array(256).keys()]);
    await r.set(bytes, bytes);
    equal(await r.getBuffer(bytes), bytes);
    equal([await r.setbit("b", 7, 1), await r.bitcount("b")], [0, 1]);
    equal(await r.pfadd("h", "a", "b", "c"), 1);
    equal(await r.pfcount("h"), 3);
  },

  async keys(r) {
    await r.mset("one", 1, "two", 2);
    equal(await r.expire("one", 100), 1);
    assert((await r.ttl("one")) >= 99);
    equal(await r.type("one"), "string");
    equal((await r.keys("*o*")).sort(), ["one", "two"]);
    equal(await r.del("one", "two", "three"), 2);
    for (let n = 0; n < 500; n++) r.set(`key:${n}`, n);
    const seen = new Set();
    for await (const some of r.scanStream({ match: "key:*", count: 50 })) some.forEach((key) => seen.add(key));
    equal(seen.size, 500);
  },

  async collections(r) {
    equal(await r.rpush("l", "a", "b", "c"), 3);
    equal(await r.lrange("l", 0, -1), ["a", "b", "c"]);
    equal(await r.hset("h", { f: 1, g: "two" }), 2);
    equal(await r.hgetall("h"), { f: "1", g: "two" });
    equal(await r.sadd("s", "x", "y"), 2);
    equal((await r.smembers("s")).sort(), ["x", "y"]);
    equal(await r.zadd("z", 1.5, "ann", "-inf", "bob"), 2);
    equal(await r.zrange("z", 0, -1, "WITHSCORES"), ["bob", "-inf", "ann", "1.5"]);
    equal(await r.geoadd("g", 13.361389, 38.115556, "palermo"), 1);
    equal(await r.geosearch("g", "FROMLONLAT", 15, 37, "BYRADIUS", 200, "km"), ["palermo"]);
    equal(await r.sort("l", "ALPHA", "DESC"), ["c", "b", "a"]);
    await assert.rejects(r.get("l"), /WRONGTYPE/);
  },

  async streams(r) {
    equal(await r.xadd("s", "1-1", "n", 1), "1-1");
    equal(await r.xrange("s", "-", "+"), [["1-1", ["n", "1"]]]);
    equal(await r.xgroup("CREATE", "s", "g", "0"), "OK");
    equal(await r.xreadgroup("GROUP", "g", "ann", "STREAMS", "s", ">"), [["s", [["1-1", ["n", "1"]]]]]);
    equal(await r.xpending("s", "g"), [1, "1-1", "1-1", [["ann", "1"]]]);
    equal(await r.xack("s", "g", "1-1"), 1);
  },

  async pipelines(r) {
    const pipe = r.pipeline();
    for (let n = 0; n < 5_000; n++) pipe.incr("n");
    pipe.lpush("n", 1);
    const answers = await pipe.exec();
    equal(answers.slice(0, 5_000).map(([, n]) => n), [...Array(5_000).keys()].map((n) => n + 1));
    assert.match(answers[5_000][0].message, /WRONGTYPE/);
  },

  async transactions(r) {
    equal(await r.multi().set("a", 1).incr("a").get("a").exec(), [[null, "OK"], [null, 2], [null, "2"]]);
    await r.watch("a");
    const other = connect();
    await other.set("a", 10);
    equal(await r.multi().incr("a").exec(), null);
    await other.quit();
  },

  async waiting(r) {
    equal(await r.blpop("nothing", 0.05), null);
    const other = connect();
    const blocked = () => until(async () => /blocked_clients:1\r/.test(await r.info("clients")));
    const popped = other.blpop("queue", 20);
    await blocked();
    await r.rpush("queue", "work");
    equal(await popped, ["queue", "work"]);
    const least = other.bzpopmin("jobs", 20);
    await blocked();
    await r.zadd("jobs", 3, "job");
    equal(await least, ["jobs", "job", "3"]);
    const news = other.xread("BLOCK", 20_000, "STREAMS", "news", "$");
    await blocked();
    await r.xadd("news", "5-5", "what", "snow");
    equal(await news, [["news", [["5-5", ["what", "snow"]]]]]);
    await other.quit();
  },

  async messages(r) {
    const listener = connect();
    equal(await listener.subscribe("news"), 1);
    equal(await listener.psubscribe("n?ws"), 2);
    const heard = [once(listener, "message"), once(listener, "pmessage")];
    equal(await r.publish("news", "snow"), 2);
    equal(await Promise.all(heard), [["news", "snow"], ["n?ws", "news", "snow"]]);
    equal(await r.pubsub("CHANNELS"), ["news"]);
    equal(await listener.unsubscribe("news"), 1);
    await listener.quit();

    const monitor = await r.monitor();
    const seen = once(monitor, "monitor");
    await r.set("a", 1);
    equal((await seen)[1], ["set", "a", "1"]);
    monitor.disconnect();
  },

  async server(r) {
    assert.match(await r.info("server"), /redis_mode:standalone/);
    equal(await r.config("GET", "maxmemory-policy"), ["maxmemory-policy", "noeviction"]);
    equal((await r.command("INFO", "GET"))[0][1], 2);
    await r.acl("SETUSER", "ann", "on", ">secret", "~ann:*", "+get", "+info");
    const ann = connect({ username: "ann", password: "secret" });
    equal(await ann.get("ann:1"), null);
    await assert.rejects(ann.get("bob:1"), /NOPERM/);
    await ann.quit();
    equal(await r.acl("DELUSER", "ann"), 1);
    equal(await r.dbsize(), 0);
  },
};

for (const [name, section] of Object.entries(sections)) {
  const client = connect();
  await client.flushall();
  await section(client);
  await client.flushall();
  await client.quit();
  console.log(name);
}
