//! The share as a QR code (ISO/IEC 18004), drawn as rectangles.

use qrcode::{Color, EcLevel, QrCode};

/// A code: its dark modules as horizontal runs.
pub(super) struct Code {
    /// Modules on each side, without the margin.
    pub size: usize,
    /// Every run.
    pub runs: Vec<Run>,
}

/// Dark modules side by side.
pub(super) struct Run {
    /// Column of the first.
    pub x: usize,
    /// Row, from the top.
    pub y: usize,
    /// How many.
    pub len: usize,
}

impl Code {
    /// Modules of white that must surround a code.
    pub(super) const MARGIN: usize = 4;

    /// The code of `content`, if a code can hold as much.
    pub(super) fn of(content: &[u8]) -> Option<Self> {
        // A quarter may be unreadable: paper is folded and stained.
        let code = [EcLevel::Q, EcLevel::M, EcLevel::L]
            .into_iter()
            .find_map(|level| QrCode::with_error_correction_level(content, level).ok())?;
        let size = code.width();
        let dark: Vec<_> = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Some(Self { size, runs: dark.chunks(size).enumerate().flat_map(|(y, row)| runs(y, row)).collect() })
    }
}

fn runs(y: usize, row: &[bool]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
        match runs.last_mut().filter(|run| run.x + run.len == x) {
            Some(run) => run.len += 1,
            None => runs.push(Run { x, y, len: 1 }),
        }
    }
    runs
}
