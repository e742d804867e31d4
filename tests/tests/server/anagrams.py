"""The anagram problem: all groups of at least six words of the same letters, with two models of the data.

Usage: anagrams.py PORT FILE, the file holding one word a line. Prints each group on a line, once per model.
"""

import sys

import redis

r = redis.Redis(port=int(sys.argv[1]), decode_responses=True)
with open(sys.argv[2], encoding="utf8") as file:
    words = file.read().split()


def letters(word):
    return "".join(sorted(word))


def show(model, groups):
    for group in sorted(" ".join(sorted(group)) for group in groups):
        print(f"{model}: {group}")


# A set for each combination of letters.
r.flushall()
pipe = r.pipeline(transaction=False)
for word in words:
    pipe.sadd(f"letters:{letters(word)}", word)
pipe.execute()
keys = list(r.scan_iter("letters:*", count=1000))
for key in keys:
    pipe.scard(key)
large = [key for key, size in zip(keys, pipe.execute()) if size >= 6]
show("sets", [r.smembers(key) for key in large])

# A hash from each word to its letters, and a sorted set of how often each combination comes.
r.flushall()
for word in words:
    pipe.hset("letters", word, letters(word))
    pipe.zincrby("sizes", 1, letters(word))
pipe.execute()
large = {key: [] for key in r.zrangebyscore("sizes", 6, "+inf")}
for word, key in r.hscan_iter("letters", count=1000):
    if key in large and word not in large[key]:
        large[key].append(word)
show("sizes", large.values())
r.flushall()
