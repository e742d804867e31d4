//! The real Redis that others are compared with.

use std::io::{Read as _, Write as _};

use e2e::process::Server;

#[test]
fn a_real_redis_answers() {
    let redis = Server::redis(&[]);
    let mut connection = redis.connect();
    connection.write_all(b"PING\r\n").unwrap();
    let mut reply = [0; 7];
    connection.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"+PONG\r\n");
}
