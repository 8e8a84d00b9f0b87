//! GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1 by the schoolbook, so that the tests do not believe the tables of a crate.

/// The product: shift, reduce, add.
pub const fn times(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        a = (a << 1) ^ if a & 0x80 == 0 { 0 } else { 0x1d };
        b >>= 1;
    }
    product
}

/// The inverse of a number other than 0.
pub fn inverse(a: u8) -> u8 {
    assert_ne!(a, 0, "0 has no inverse");
    INVERSES[usize::from(a)]
}

const INVERSES: [u8; 256] = inverses();

/// The 254th powers; while loops are all that constants may have.
const fn inverses() -> [u8; 256] {
    let mut inverses = [1; 256];
    let mut a = 0;
    while a < 256 {
        let mut power = 0;
        while power < 254 {
            inverses[a] = times(inverses[a], a as u8);
            power += 1;
        }
        a += 1;
    }
    inverses
}

/// For each of the points `xs`, how much its value counts in the value at `at` of the polynomial through them all.
pub fn weights(xs: &[u8], at: u8) -> Vec<u8> {
    let weight = |x: &u8| {
        let others = xs.iter().filter(|other| *other != x);
        others.fold(1, |product, other| times(product, times(at ^ other, inverse(x ^ other))))
    };
    xs.iter().map(weight).collect()
}

/// A weighted sum.
pub fn sum(weights: &[u8], values: &[u8]) -> u8 {
    weights.iter().zip(values).fold(0, |sum, (weight, value)| sum ^ times(*weight, *value))
}

/// The value at `x` of the polynomial with these coefficients, the constant one first.
pub fn value(coefficients: &[u8], x: u8) -> u8 {
    coefficients.iter().rev().fold(0, |value, coefficient| times(value, x) ^ coefficient)
}

/// The coefficients, the constant one first, of the polynomial through points: Newton's way.
pub fn coefficients(points: &[(u8, u8)]) -> Vec<u8> {
    let mut found = vec![0; points.len()];
    // The product of (X - x) over the points done with.
    let mut basis = vec![1];
    for (x, y) in points {
        let step = times(y ^ value(&found, *x), inverse(value(&basis, *x)));
        basis.iter().zip(&mut found).for_each(|(b, f)| *f ^= times(step, *b));
        let shifted: Vec<u8> = std::iter::once(0).chain(basis.iter().copied()).collect();
        basis = basis.iter().map(|b| times(*b, *x)).chain([0]).zip(shifted).map(|(a, b)| a ^ b).collect();
    }
    found
}
