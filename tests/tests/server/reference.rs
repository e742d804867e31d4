//! The real Redis that others are compared with.

use std::io::{Read as _, Write as _};

use e2e::process::{Server, redis_py};

#[test]
fn a_real_redis_answers() {
    let redis = Server::redis(&[]);
    let mut connection = redis.connect();
    connection.write_all(b"PING\r\n").unwrap();
    let mut reply = [0; 7];
    connection.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"+PONG\r\n");
}

#[test]
fn redis_py_talks_to_it() {
    let redis = Server::redis(&[]);
    let script = "import redis, sys; r = redis.Redis(port=int(sys.argv[1])); r.set('a', 1); print(r.incr('a'))";
    let output = redis_py().args(["-c", script, &redis.port().to_string()]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "2\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
