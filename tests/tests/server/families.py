"""Every family of commands through redis-py, in both protocols: a section for each, on an empty database.

Usage: families.py PORT. Prints one line for each section; an assertion that fails ends the run.
"""

import sys
import threading
import time

import redis

PORT = int(sys.argv[1])
BINARY = bytes(range(256))


def connect(protocol, **options):
    return redis.Redis(port=PORT, protocol=protocol, **options)


def refused(call, *words, error=redis.ResponseError):
    """The text of the error with which a call is refused."""
    try:
        answer = call(*words)
    except error as refusal:
        return str(refusal)
    raise AssertionError(f"{words} was answered with {answer!r}")


def connection(r, protocol):
    assert r.ping() is True
    assert r.echo("hello") == b"hello"
    hello = r.execute_command("HELLO", protocol)
    if protocol == 2:
        hello = dict(zip(hello[::2], hello[1::2]))
    assert hello[b"server"] == b"redis" and hello[b"proto"] == protocol, hello
    assert hello[b"role"] == b"master" and hello[b"mode"] == b"standalone", hello
    assert refused(r.execute_command, "HELLO", 4).startswith("NOPROTO"), "there is no RESP4"

    named = connect(protocol, client_name="ann", db=3)
    assert named.client_getname() in (b"ann", "ann")
    assert named.client_id() > r.client_id()
    seen = [client for client in r.client_list() if client["name"] == "ann"]
    assert len(seen) == 1 and seen[0]["db"] == "3", seen
    named.set("only-in-3", 1)
    assert r.exists("only-in-3") == 0
    named.delete("only-in-3")
    assert r.client_kill_filter(_id=named.client_id()) == 1
    try:
        named.ping()
    except redis.ConnectionError:
        pass
    assert named.ping() is True, "redis-py connects anew"
    named.close()

    other = connect(5 - protocol)
    other.hset("h", "f", "v")
    assert r.hgetall("h") == other.hgetall("h") == {b"f": b"v"}, "both protocols side by side"
    other.close()
    assert "unknown command" in refused(r.execute_command, "NONSENSE", "a")
    assert "wrong number of arguments" in refused(r.execute_command, "GET")


def strings(r, protocol):
    assert r.get("nothing") is None
    assert r.set("a", "1") is True
    assert r.get("a") == b"1"
    assert r.set("a", "2", nx=True) is None
    assert r.set("a", "2", xx=True, get=True) == b"1"
    assert r.incr("a") == 3 and r.incrby("a", 10) == 13 and r.decr("a", 3) == 10
    assert r.incrbyfloat("f", 10.5) == 10.5 and r.incrbyfloat("f", -0.25) == 10.25
    assert r.append("word", "hello") == 5 and r.append("word", " world") == 11
    assert r.strlen("word") == 11
    assert r.getrange("word", -5, -1) == b"world"
    assert r.setrange("word", 6, "there") == 11 and r.get("word") == b"hello there"
    assert r.mset({"x": 1, "y": 2}) is True and r.msetnx({"y": 3, "z": 4}) is False
    assert r.mget("x", "nothing", "y") == [b"1", None, b"2"]
    assert r.getdel("x") == b"1" and r.exists("x") == 0
    assert r.getset("y", "5") == b"2"
    assert r.getex("y", ex=100) == b"5" and 0 < r.ttl("y") <= 100
    assert "not an integer" in refused(r.incr, "word")
    r.set("high", 2**63 - 1)
    assert "overflow" in refused(r.incr, "high")
    r.mset({"l1": "ohmytext", "l2": "mynewtext"})
    assert r.execute_command("LCS", "l1", "l2") == b"mytext"


def keys(r, protocol):
    for name in ("one", "two", "three"):
        r.set(name, name)
    assert sorted(r.keys("t*")) == [b"three", b"two"]
    assert r.exists("one", "one", "nothing") == 2 and r.touch("one", "nothing") == 1
    assert r.type("one") == b"string" and r.type("nothing") == b"none"
    assert r.rename("one", "uno") is True and r.get("uno") == b"one"
    assert r.renamenx("uno", "two") is False
    assert "no such key" in refused(r.rename, "nothing", "two")
    assert r.copy("two", "zwei") and r.get("zwei") == b"two"
    assert r.move("zwei", 1) and r.exists("zwei") == 0
    assert r.dbsize() == 3 and r.randomkey() in (b"uno", b"two", b"three")
    assert r.delete("uno", "nothing") == 1 and r.unlink("two") == 1

    assert r.expire("three", 100) is True and 99 <= r.ttl("three") <= 100
    assert 99_000 <= r.pttl("three") <= 100_000
    at = int(time.time()) + 1000
    assert r.expireat("three", at) is True and r.expiretime("three") == at
    assert r.expire("three", 10, nx=True) is False and r.expire("three", 10, lt=True) is True
    assert r.persist("three") is True and r.ttl("three") == -1 and r.ttl("nothing") == -2
    assert r.pexpire("three", 30) is True
    time.sleep(0.05)
    assert r.get("three") is None
    r.set("short", 1, px=20)
    deadline = time.time() + 10
    while r.dbsize() and time.time() < deadline:
        time.sleep(0.01)
    assert r.dbsize() == 0, "keys go even when nobody asks for them"
    r.set("n", 1)
    assert r.object("encoding", "n") == b"int" and r.object("refcount", "n") >= 1
    assert r.flushdb() is True and r.dbsize() == 0


def lists(r, protocol):
    assert r.rpush("l", "a", "b", "c") == 3 and r.lpush("l", "z") == 4
    assert r.rpushx("nothing", 1) == 0 and r.lpushx("l", "y") == 5
    assert r.lrange("l", 0, -1) == [b"y", b"z", b"a", b"b", b"c"]
    assert r.llen("l") == 5 and r.lindex("l", -1) == b"c" and r.lindex("l", 99) is None
    assert r.lset("l", 0, "Y") is True and "index out of range" in refused(r.lset, "l", 99, "x")
    assert r.linsert("l", "BEFORE", "a", "-") == 6 and r.linsert("l", "AFTER", "nothing", "-") == -1
    assert r.lpos("l", "a") == 3 and r.lpos("l", "nothing") is None
    assert r.lrem("l", 0, "-") == 1
    assert r.lpop("l") == b"Y" and r.rpop("l", 2) == [b"c", b"b"]
    assert r.lpop("nothing") is None and r.lpop("nothing", 2) is None
    assert r.lmove("l", "m", "RIGHT", "LEFT") == b"a" and r.rpoplpush("l", "m") == b"z"
    assert r.lrange("m", 0, -1) == [b"z", b"a"] and r.exists("l") == 0
    assert r.lmpop(2, "l", "m", direction="LEFT", count=5) == [b"m", [b"z", b"a"]]
    r.rpush("t", *range(100))
    assert r.ltrim("t", 10, 19) is True and r.lrange("t", 0, 1) == [b"10", b"11"]
    assert "WRONGTYPE" in refused(r.get, "t")


def hashes(r, protocol):
    assert r.hset("h", mapping={"a": 1, "b": "two", b"\x00": BINARY}) == 3
    assert r.hset("h", "a", 2) == 0 and not r.hsetnx("h", "a", 3)
    assert r.hget("h", "a") == b"2" and r.hget("h", "nothing") is None
    assert r.hmget("h", "a", "nothing", b"\x00") == [b"2", None, BINARY]
    assert r.hgetall("h") == {b"a": b"2", b"b": b"two", b"\x00": BINARY}
    assert sorted(r.hkeys("h")) == [b"\x00", b"a", b"b"] and len(r.hvals("h")) == 3
    assert r.hlen("h") == 3 and r.hexists("h", "b") and r.hstrlen("h", "b") == 3
    assert r.hincrby("h", "a", 40) == 42 and r.hincrbyfloat("h", "f", 0.5) == 0.5
    assert r.hdel("h", "f", "nothing") == 1
    assert r.hrandfield("h") in (b"\x00", b"a", b"b")
    assert r.hgetall("nothing") == {}
    assert r.hdel("h", "a", "b", b"\x00") == 3 and r.exists("h") == 0


def sets(r, protocol):
    assert r.sadd("s", 1, 2, 3) == 3 and r.sadd("s", 3, "x") == 1
    assert r.smembers("s") == {b"1", b"2", b"3", b"x"}
    assert r.scard("s") == 4 and r.sismember("s", "x") and not r.sismember("s", "y")
    assert [int(found) for found in r.smismember("s", ["x", "y"])] == [1, 0]
    r.sadd("t", 3, "x", "z")
    assert set(r.sinter("s", "t")) == {b"3", b"x"} and set(r.sdiff("s", "t")) == {b"1", b"2"}
    assert set(r.sunion("s", "t")) == {b"1", b"2", b"3", b"x", b"z"}
    assert r.sintercard(2, ["s", "t"]) == 2
    assert r.sinterstore("i", "s", "t") == 2 and r.sunionstore("u", "s", "t") == 5
    assert r.sdiffstore("d", "s", "t") == 2
    assert r.smove("s", "t", "1") and r.smembers("t") == {b"1", b"3", b"x", b"z"}
    assert r.srandmember("t") in r.smembers("t") and len(r.srandmember("t", -10)) == 10
    assert r.spop("t") is not None and len(r.spop("t", 10)) == 3 and r.exists("t") == 0
    assert r.srem("s", "2", "nothing") == 1


def sorted_sets(r, protocol):
    assert r.zadd("z", {"ann": 10, "bob": 20.5, "cid": -3}) == 3
    assert r.zadd("z", {"ann": 5}, gt=True, ch=True) == 0
    assert r.zadd("z", {"ann": 1}, incr=True) == 11.0 and r.zincrby("z", 4, "ann") == 15.0
    assert r.zscore("z", "ann") == 15.0 and r.zscore("z", "nobody") is None
    assert r.zmscore("z", ["ann", "nobody"]) == [15.0, None]
    assert r.zrange("z", 0, -1) == [b"cid", b"ann", b"bob"]
    pairs = [(b"bob", 20.5), (b"ann", 15.0), (b"cid", -3.0)]
    found = r.zrange("z", 0, -1, desc=True, withscores=True)
    assert [tuple(pair) for pair in found] == pairs, found
    assert r.zrangebyscore("z", "(-3", "+inf") == [b"ann", b"bob"]
    assert r.zrevrangebyscore("z", 100, 0, start=1, num=1) == [b"ann"]
    assert r.zrank("z", "bob") == 2 and r.zrevrank("z", "bob") == 0
    assert r.zcard("z") == 3 and r.zcount("z", "-inf", 15) == 2
    r.zadd("lex", {name: 0 for name in "abcde"})
    assert r.zrangebylex("lex", "[b", "(d") == [b"b", b"c"] and r.zlexcount("lex", "-", "+") == 5
    assert r.zremrangebylex("lex", "[a", "[b") == 2 and r.zremrangebyrank("lex", 0, 0) == 1
    r.zadd("y", {"bob": 1, "dan": 1})
    assert r.zunionstore("u", {"z": 1, "y": 2}) == 4 and r.zscore("u", "bob") == 22.5
    assert r.zinterstore("i", ["z", "y"], aggregate="MAX") == 1 and r.zscore("i", "bob") == 20.5
    assert r.zdiff(["z", "y"]) == [b"cid", b"ann"]
    assert r.zintercard(2, ["z", "y"]) == 1
    assert r.zrangestore("top", "z", 0, 1) == 2
    assert tuple(r.zpopmin("z", 1)[0]) == (b"cid", -3.0)
    assert r.zrem("z", "ann", "nobody") == 1 and r.zremrangebyscore("z", 0, 100) == 1
    assert r.exists("z") == 0
    infinite = float("inf")
    r.zadd("z", {"low": -infinite, "high": infinite})
    assert r.zscore("z", "low") == -infinite and r.zscore("z", "high") == infinite
    assert "NaN" in refused(r.zincrby, "z", infinite, "low")


def iterators(r, protocol):
    names = {f"key:{n}" for n in range(2000)}
    pipe = r.pipeline(transaction=False)
    for name in names:
        pipe.set(name, 1)
    pipe.hset("h", mapping={f"f{n}": n for n in range(1000)})
    pipe.sadd("s", *(f"m{n}" for n in range(1000)))
    pipe.zadd("z", {f"m{n}": n for n in range(1000)})
    pipe.execute()
    assert {name.decode() for name in r.scan_iter("key:*", count=7)} == names
    assert {name for name in r.scan_iter(_type="zset")} == {b"z"}
    fields = {field: value for field, value in r.hscan_iter("h", count=50)}
    assert len(fields) == 1000 and fields[b"f999"] == b"999"
    assert len(set(r.hscan_iter("h", match="f9??"))) == 100
    assert len(set(r.sscan_iter("s"))) == 1000
    scores = dict(r.zscan_iter("z", count=100))
    assert len(scores) == 1000 and scores[b"m500"] == 500.0


def pipelines(r, protocol):
    pipe = r.pipeline(transaction=False)
    for n in range(10_000):
        pipe.incr("n") if n % 2 else pipe.echo(n)
    answers = pipe.execute()
    expected = [(n + 1) // 2 if n % 2 else str(n).encode() for n in range(10_000)]
    assert answers == expected, "each command has its own answer, in order"
    pipe = r.pipeline(transaction=False)
    pipe.set("a", "x").lpush("a", 1).get("a")
    answers = pipe.execute(raise_on_error=False)
    assert answers[0] is True and "WRONGTYPE" in str(answers[1]) and answers[2] == b"x"


def any_bytes(r, protocol):
    assert r.set(BINARY, BINARY * 3) and r.get(BINARY) == BINARY * 3
    assert r.keys() == [BINARY] and list(r.scan_iter()) == [BINARY]
    r.set("", "empty")
    assert r.get("") == b"empty" and r.set("none", "") and r.get("none") == b""
    big = BINARY * 4096
    assert len(big) == 1024 * 1024
    assert r.set("big", big) and r.get("big") == big
    r.hset("h", "big", big)
    r.rpush("l", big, "small", big)
    r.sadd("s", big)
    r.zadd("z", {big: 1})
    assert r.hget("h", "big") == big and r.lrange("l", 0, -1) == [big, b"small", big]
    assert r.smembers("s") == {big} and r.zrange("z", 0, -1) == [big]

    text = connect(protocol, decode_responses=True)
    text.set("grüße", "日本語 🦀")
    assert text.get("grüße") == "日本語 🦀" and text.strlen("grüße") == 14
    text.hset("umlaut", mapping={"ä": "ö"})
    assert text.hgetall("umlaut") == {"ä": "ö"}
    assert text.getrange("grüße", 0, 2) == "日"
    text.close()


def server(r, protocol):
    assert r.config_get("maxmemory-p*") == {"maxmemory-policy": "noeviction"}
    before = r.config_get("hash-max-listpack-entries")
    assert r.config_set("hash-max-listpack-entries", 2) is True
    r.hset("h", mapping={"a": 1, "b": 2, "c": 3})
    assert r.object("encoding", "h") == b"hashtable"
    assert r.config_set(*before.popitem()) is True
    assert "Unknown option" in refused(r.config_set, "nonsense", 1)
    assert r.config_resetstat() is True

    info = r.info()
    assert info["tcp_port"] == PORT and info["redis_mode"] == "standalone", info
    assert info["role"] == "master" and info["db0"]["keys"] == 1, info
    assert int(info["redis_version"].split(".")[0]) >= 7
    assert info["connected_clients"] >= 1 and info["used_memory"] > 0
    assert "tcp_port" not in r.info("keyspace")

    commands = r.command()
    assert r.command_count() == len(commands) > 100
    get = commands["get"]
    assert get["arity"] == 2 and "readonly" in {str(flag) for flag in get["flags"]}, get
    assert (get["first_key_pos"], get["last_key_pos"], get["step_count"]) == (1, 1, 1), get
    # This library turns the answer into text in one of the protocols only.
    assert r.execute_command("COMMAND GETKEYS", "MSET", "a", 1, "b", 2)[-1] in ("b", b"b")
    assert "get" in {str(name, "utf8") for name in r.command_list()}
    seconds, micros = r.time()
    assert abs(seconds - time.time()) < 60 and 0 <= micros < 1_000_000
    assert r.swapdb(0, 1) is True and r.dbsize() == 0 and r.swapdb(0, 1) is True
    assert r.flushall() is True and r.dbsize() == 0


def bits_and_places(r, protocol):
    assert r.setbit("b", 7, 1) == 0 and r.getbit("b", 7) == 1 and r.bitcount("b") == 1
    r.set("c", b"\x0f")
    assert r.bitop("OR", "d", "b", "c") == 1 and r.get("d") == b"\x0f" and r.bitpos("d", 1) == 4
    assert r.bitfield("f").set("u8", 0, 200).incrby("u8", 0, 100).execute() == [0, 44]
    assert r.pfadd("h", *range(100)) == 1 and 98 <= r.pfcount("h") <= 102
    assert r.pfmerge("g", "h") is True and r.pfcount("g", "h") == r.pfcount("h")
    assert r.geoadd("cities", (13.361389, 38.115556, "palermo", 15.087269, 37.502669, "catania")) == 2
    assert abs(float(r.geodist("cities", "palermo", "catania", "km")) - 166.27) < 0.01
    found = r.geosearch("cities", longitude=15, latitude=37, radius=200, unit="km", sort="ASC")
    assert found == [b"catania", b"palermo"]
    assert r.geohash("cities", "palermo") in ([b"sqc8b49rny0"], ["sqc8b49rny0"])


def sorting(r, protocol):
    r.rpush("l", 3, 1, 2)
    assert r.sort("l") == [b"1", b"2", b"3"] and r.sort("l", desc=True, start=0, num=1) == [b"3"]
    r.mset({"w1": 30, "w2": 20, "w3": 10})
    assert r.sort("l", by="w*", get=["#", "w*"], groups=True) == [(b"3", b"10"), (b"2", b"20"), (b"1", b"30")]
    assert r.sort("l", store="sorted") == 3 and r.lrange("sorted", 0, -1) == [b"1", b"2", b"3"]
    moved = r.dump("sorted")
    assert r.restore("again", 0, moved) == b"OK" and r.lrange("again", 0, -1) == [b"1", b"2", b"3"]


def streams(r, protocol):
    first = r.xadd("s", {"n": 1}, id="1-1")
    assert first == b"1-1" and r.xadd("s", {"n": 2}, id="1-*") == b"1-2" and r.xlen("s") == 2
    assert r.xrange("s") == [(b"1-1", {b"n": b"1"}), (b"1-2", {b"n": b"2"})]
    assert r.xrevrange("s", count=1) == [(b"1-2", {b"n": b"2"})]
    assert "smaller" in refused(r.xadd, "s", {"n": 3}, "1-1")
    assert r.xgroup_create("s", "g", id="0") is True
    assert "BUSYGROUP" in refused(r.xgroup_create, "s", "g")
    taken = r.xreadgroup("g", "ann", {"s": ">"}, count=1)
    entries = taken[b"s"][0] if isinstance(taken, dict) else taken[0][1]
    assert entries == [(b"1-1", {b"n": b"1"})], taken
    assert r.xpending("s", "g")["pending"] == 1
    assert r.xclaim("s", "g", "bob", 0, ["1-1"])[0][0] == b"1-1"
    assert r.xpending_range("s", "g", "-", "+", 10)[0]["consumer"] == b"bob"
    assert r.xack("s", "g", "1-1") == 1 and r.xinfo_groups("s")[0]["pending"] == 0
    assert r.xtrim("s", maxlen=1, approximate=False) == 1 and r.xdel("s", "1-2") == 1


def transactions(r, protocol):
    with r.pipeline() as pipe:
        assert pipe.set("a", 1).incr("a").get("a").execute() == [True, 2, b"2"]
        pipe.watch("a")
        r.set("a", 10)
        pipe.multi()
        pipe.incr("a")
        try:
            pipe.execute()
            raise AssertionError("the watched key has changed")
        except redis.WatchError:
            pass
        pipe.set("a", "x").lpush("a", 1)
        answers = pipe.execute(raise_on_error=False)
        assert answers[0] is True and "WRONGTYPE" in str(answers[1]), answers

    def doubled(pipe):
        a = int(pipe.get("a"))
        pipe.multi()
        pipe.set("a", 2 * a)

    r.set("a", 21)
    assert r.transaction(doubled, "a") == [True] and r.get("a") == b"42"
    with r.pipeline() as pipe:
        pipe.execute_command("GET")
        text = refused(pipe.execute)
        assert "wrong number of arguments" in text or "EXECABORT" in text, text


def waiting(r, protocol):
    assert r.blpop("nothing", timeout=0.05) is None
    r.rpush("l", 1)
    assert tuple(r.blpop(["k", "l"], timeout=1)) == (b"l", b"1")
    answers = []
    other = connect(protocol)
    waits = [
        lambda: other.blpop("queue", timeout=20),
        lambda: other.bzpopmin("jobs", timeout=20),
        lambda: other.blmove("from", "to", 20, "LEFT", "RIGHT"),
        lambda: other.xread({"news": "$"}, block=20_000),
    ]
    feeds = [
        lambda: r.rpush("queue", "work"),
        lambda: r.zadd("jobs", {"job": 3}),
        lambda: r.rpush("from", "thing"),
        lambda: r.xadd("news", {"what": "snow"}, id="5-5"),
    ]
    for wait, feed in zip(waits, feeds):
        thread = threading.Thread(target=lambda: answers.append(wait()))
        thread.start()
        deadline = time.time() + 20
        while r.info("clients")["blocked_clients"] != 1:
            assert time.time() < deadline, "it does not wait"
            time.sleep(0.005)
        feed()
        thread.join(20)
    assert tuple(answers[0]) == (b"queue", b"work") and tuple(answers[1]) == (b"jobs", b"job", 3.0)
    assert answers[2] == b"thing" and b"snow" in str(answers[3]).encode(), answers
    other.close()


def messages(r, protocol):
    def next_of(listener, kind):
        deadline = time.time() + 20
        while time.time() < deadline:
            message = listener.get_message(timeout=1)
            if message is not None:
                assert message["type"] == kind, message
                return message
        raise AssertionError(f"no {kind} arrives")

    listener = r.pubsub()
    listener.subscribe("news")
    listener.psubscribe("n?ws")
    assert next_of(listener, "subscribe")["data"] == 1
    assert next_of(listener, "psubscribe")["data"] == 2
    assert r.publish("news", "snow") == 2 and r.publish("sports", "goal") == 0
    assert next_of(listener, "message")["data"] == b"snow"
    assert next_of(listener, "pmessage")["pattern"] == b"n?ws"
    assert r.pubsub_channels() == [b"news"] and r.pubsub_numpat() == 1
    assert r.pubsub_numsub("news", "sports") in ([(b"news", 1), (b"sports", 0)], [[b"news", 1], [b"sports", 0]])
    listener.unsubscribe("news")
    assert next_of(listener, "unsubscribe")["data"] == 1
    listener.close()

    before = r.config_get("notify-keyspace-events")
    r.config_set("notify-keyspace-events", "KEA")
    events = r.pubsub()
    events.psubscribe("__keyevent@0__:*")
    next_of(events, "psubscribe")
    r.set("k", 1)
    r.delete("k")
    names = [next_of(events, "pmessage")["channel"] for _ in range(2)]
    assert names == [b"__keyevent@0__:set", b"__keyevent@0__:del"], names
    events.close()
    r.config_set(*before.popitem())


def users(r, protocol):
    assert r.acl_whoami() in (b"default", "default")
    r.acl_setuser("ann", enabled=True, passwords=["+secret"], keys=["ann:*"], commands=["+get", "+set", "+ping"])
    ann = connect(protocol, username="ann", password="secret")
    assert ann.set("ann:1", "x") is True and ann.get("ann:1") == b"x"
    assert "NOPERM" in refused_text(ann.get, "bob:1") and "NOPERM" in refused_text(ann.delete, "ann:1")
    ann.close()
    try:
        connect(protocol, username="ann", password="wrong").ping()
        raise AssertionError("the password is wrong")
    except redis.AuthenticationError:
        pass
    assert "ann" in [str(name, "utf8") if isinstance(name, bytes) else name for name in r.acl_users()]
    assert r.acl_deluser("ann") == 1


def refused_text(call, *words):
    """The text of a refusal for want of a permission, which is "NOPERM" as a class in some versions."""
    try:
        answer = call(*words)
    except redis.exceptions.NoPermissionError as refusal:
        return f"NOPERM {refusal}"
    raise AssertionError(f"{words} was answered with {answer!r}")


SECTIONS = [
    connection,
    strings,
    keys,
    lists,
    hashes,
    sets,
    sorted_sets,
    iterators,
    pipelines,
    any_bytes,
    bits_and_places,
    sorting,
    streams,
    transactions,
    waiting,
    messages,
    users,
    server,
]

for protocol in (2, 3):
    for section in SECTIONS:
        client = connect(protocol)
        client.flushall()
        section(client, protocol)
        client.flushall()
        client.close()
        print(f"RESP{protocol} {section.__name__}")
