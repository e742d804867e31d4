//! Replies that several families give.

use redarium_resp::encode::Encoder;
use redarium_structures::list_pack::ListPackValue;

use crate::error::CmdError;

/// Answers with an element as a bulk string, whatever it is stored as.
#[inline]
pub(super) fn element(reply: &mut Encoder<'_>, value: ListPackValue<'_>) {
    match value {
        ListPackValue::Int(number) => reply.bulk_int(number),
        ListPackValue::Str(bytes) => reply.bulk(bytes),
    }
}

/// Begins the reply of a scan: the cursor to continue with, and an array of `len` elements that the caller writes.
pub(super) fn scan(reply: &mut Encoder<'_>, cursor: u64, len: usize) {
    reply.array(2);
    reply.bulk(cursor.to_string().as_bytes());
    reply.array(len);
}

/// Elements that may be asked for with repetition; Redis has no such limit and runs until memory is full.
const REPEATS_MAX: i64 = 1 << 24;

/// The count of HRANDFIELD, SRANDMEMBER and ZRANDMEMBER: negative to allow repetition.
pub(super) fn random_count(count: i64) -> Result<i64, CmdError> {
    let count = negatable(count)?;
    if count < -REPEATS_MAX { Err(CmdError::OutOfRange) } else { Ok(count) }
}

/// A number whose sign means something; the one that has no positive counterpart is refused.
pub(super) fn negatable(number: i64) -> Result<i64, CmdError> {
    if number == i64::MIN {
        return Err(CmdError::Msg(
            "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
        ));
    }
    Ok(number)
}
