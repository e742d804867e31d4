"""Every family of commands through redis-py, in both protocols: a section for each, on an empty database.

Usage: families.py PORT. Prints one line for each section; an assertion that fails ends the run.
"""

import sys
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
