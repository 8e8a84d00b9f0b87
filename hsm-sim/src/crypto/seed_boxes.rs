//! SEED's S-boxes, computed as its authors define them: powers in GF(2^8), x^247 and x^251, through an affine map each. RFC 4269 has them as
//! tables, and its examples tell whether these are the same.

/// S1 and S2.
pub(super) static BOXES: [[u8; 256]; 2] = [table(247, MAPS[0], 0xa9), table(251, MAPS[1], 0x38)];

/// The rows of the matrices; the topmost bit of a byte is the first.
const MAPS: [[u8; 8]; 2] = [
    [0b1000_1010, 0b1111_1110, 0b1000_0101, 0b0100_0010, 0b0100_0101, 0b0010_0001, 0b1000_1000, 0b0001_0100],
    [0b0100_0101, 0b1000_0101, 0b1111_1110, 0b0010_0001, 0b1000_1010, 0b1000_1000, 0b0100_0010, 0b0001_0100],
];

const fn table(exponent: u8, map: [u8; 8], constant: u8) -> [u8; 256] {
    let mut table = [0; 256];
    let mut x = 0;
    while x < 256 {
        let (mut power, mut at) = (1, 0);
        while at < exponent {
            power = product(power, x as u8);
            at += 1;
        }
        table[x] = mapped(map, power) ^ constant;
        x += 1;
    }
    table
}

const fn mapped(map: [u8; 8], byte: u8) -> u8 {
    let (mut image, mut row) = (0, 0);
    while row < 8 {
        image = image << 1 | ((map[row] & byte).count_ones() % 2) as u8;
        row += 1;
    }
    image
}

/// Modulo x^8 + x^6 + x^5 + x + 1.
const fn product(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b > 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        a = a << 1 ^ if a & 0x80 == 0 { 0 } else { 0x63 };
        b >>= 1;
    }
    product
}
