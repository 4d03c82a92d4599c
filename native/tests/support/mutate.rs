//! Files damaged in the ways that readers must expect.

use super::random::Random;

/// Numbers at which sizes and counts go wrong.
const EDGES: [u32; 12] = [
    0,
    1,
    2,
    3,
    31,
    33,
    1 << 16,
    1 << 27,
    (1 << 27) + 1,
    1 << 31,
    u32::MAX - 1,
    u32::MAX,
];

/// One to four changes of single bytes, numbers and pieces.
pub fn damaged(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.below(4) {
        damage(&mut bytes, random);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    // More often near the front, where the structure is.
    let limit = if random.one_in(2) {
        bytes.len()
    } else {
        bytes.len().min(300)
    };
    let at = random.below(limit);
    let rest = bytes.len() - at;
    let length = 1 + random.below(rest.min(80));
    match random.below(9) {
        0 | 1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = random.next() as u8,
        3 if rest >= 4 => {
            let edge = EDGES[random.below(EDGES.len())].to_le_bytes();
            bytes[at..at + 4].copy_from_slice(&edge);
        }
        4 => bytes.truncate(at),
        5 => drop(bytes.drain(at..at + length)),
        6 => {
            let piece = bytes[at..at + length].to_vec();
            let to = random.below(bytes.len());
            bytes.splice(to..to, piece);
        }
        7 => bytes[at..at + length].fill([0, 0xff][random.below(2)]),
        _ => bytes.extend(random.bytes(length)),
    }
}

/// A container's sections: moved, lost, doubled, renamed, cut, or with a length that is not theirs.
pub fn damaged_container(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let (head, mut sections) = split(bytes);
    if sections.is_empty() {
        return damaged(bytes, random);
    }
    let index = random.below(sections.len());
    let mut claimed = None;
    match random.below(7) {
        0 => drop(sections.remove(index)),
        1 => sections.push(sections[index].clone()),
        2 => random.shuffle(&mut sections),
        3 => sections[index].0 = random.below(12) as u32,
        4 => {
            let content = &mut sections[index].1;
            content.truncate(random.below(content.len() + 1));
        }
        5 => claimed = Some([u64::MAX, 1 << 63, 1 << 40, 0, 7][random.below(5)]),
        _ => {
            // An edge where the numbers are: counts in the header, indices of the coefficients.
            let content = &mut sections[index].1;
            if content.len() >= 4 {
                let at = 4 * random.below(content.len() / 4);
                let edge = EDGES[random.below(EDGES.len())].to_le_bytes();
                content[at..at + 4].copy_from_slice(&edge);
            }
        }
    }
    let mut out = head[..8].to_vec();
    out.extend((sections.len() as u32).to_le_bytes());
    for (position, (id, content)) in sections.iter().enumerate() {
        let length = claimed
            .filter(|_| position == index)
            .unwrap_or(content.len() as u64);
        out.extend(id.to_le_bytes());
        out.extend(length.to_le_bytes());
        out.extend(content);
    }
    out
}

fn split(bytes: &[u8]) -> (&[u8], Vec<(u32, Vec<u8>)>) {
    let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let mut sections = Vec::new();
    let mut at = 12;
    while at + 12 <= bytes.len() {
        let length = number(at + 4) as usize;
        sections.push((number(at), bytes[at + 12..at + 12 + length].to_vec()));
        at += 12 + length;
    }
    (&bytes[..12], sections)
}
