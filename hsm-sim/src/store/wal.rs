//! Is the log beside a token file whole? Its format is SQLite's (fileformat2.html, section 4).
//!
//! SQLite reads the log up to the first frame whose checksum is wrong and forgets the rest, as after a crash in the middle of a write. But a
//! frame is only written once every transaction before it is on the disk: where whole transactions follow on a frame that is wrong, it was
//! damaged later, and going on would lose what was acknowledged. The last transaction alone cannot be told from one that never ended.

use std::{io::ErrorKind, path::Path};

use crate::error::{Result, Rv};

const HEADER: usize = 32;
const FRAME: usize = 24;
/// Looks at a log that others may be writing to; damage is what two looks in a row find at the same place.
const LOOKS: usize = 10;

/// CKR_DEVICE_ERROR when the log was damaged. It is read and never written.
pub fn check(path: &Path) -> Result<()> {
    let mut before = None;
    for _ in 0..LOOKS {
        let log = match std::fs::read(path) {
            Ok(log) => log,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            Err(e) => return Rv::DeviceError.err(format!("{}: {e}", path.display())),
        };
        let Some(at) = damage(&log) else { return Ok(()) };
        if before.replace(at) == Some(at) {
            return Rv::DeviceError.err(format!("{}: damaged at byte {at}; acknowledged changes follow", path.display()));
        }
    }
    Ok(())
}

/// The place of the first damage that later transactions prove.
fn damage(log: &[u8]) -> Option<usize> {
    let header = log.get(..HEADER)?;
    let big_endian = header[3] & 1 == 1;
    let mut sum = checksum([0; 2], &header[..24], big_endian);
    let page = number(header, 8) as usize;
    let magic = number(header, 0) & !1 == 0x377f_0682;
    if !magic || !page.is_power_of_two() || sum != [number(header, 24), number(header, 28)] {
        // The header is on the disk before the first frame is written.
        return (log.len() > HEADER).then_some(0);
    }
    let mut frames = log[HEADER..].chunks_exact(FRAME + page).enumerate();
    let of_this_log = |frame: &[u8]| frame[8..16] == header[16..24];
    let place = |at: usize| HEADER + at * (FRAME + page);
    let wrong = frames.find(|(_, frame)| {
        let next = checksum(checksum(sum, &frame[..8], big_endian), &frame[FRAME..], big_endian);
        let right = of_this_log(frame) && next == [number(frame, 16), number(frame, 20)];
        sum = next;
        !right
    });
    let (at, frame) = wrong?;
    // The rest of its own transaction is no proof: before the last sync, frames reach a disk in any order.
    let ends = |frame: &[u8]| of_this_log(frame) && number(frame, 4) != 0;
    let ended = ends(frame) || frames.any(|(_, frame)| ends(frame));
    (ended && frames.any(|(_, frame)| of_this_log(frame))).then_some(place(at))
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

fn checksum([mut a, mut b]: [u32; 2], bytes: &[u8], big_endian: bool) -> [u32; 2] {
    let (words, _) = bytes.as_chunks::<4>();
    let word = |bytes: [u8; 4]| if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    for [one, other] in words.as_chunks::<2>().0 {
        a = a.wrapping_add(word(*one)).wrapping_add(b);
        b = b.wrapping_add(word(*other)).wrapping_add(a);
    }
    [a, b]
}
