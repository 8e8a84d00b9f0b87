//! Every small way to alter a text.

/// The text with a line removed, twice there, or exchanged with the next.
pub fn lines(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let joined = |lines: Vec<&str>| lines.concat();
    let mut altered = vec![];
    for at in 0..lines.len() {
        let (before, after) = lines.split_at(at);
        altered.push(joined([before, &after[1..]].concat()));
        altered.push(joined([before, &[lines[at]], after].concat()));
        if at + 1 < lines.len() {
            altered.push(joined([before, &[lines[at + 1], lines[at]], &after[2..]].concat()));
        }
    }
    altered.retain(|other| other != text);
    altered
}

/// The text with one of its bytes another: every bit flipped, as far as that is text, and what people would type.
pub fn bytes(text: &str) -> impl Iterator<Item = String> {
    let others = |byte: u8| (0..8).map(move |bit| byte ^ 1 << bit).chain(*b"0f -\n\r").filter(move |other| *other != byte);
    (0..text.len()).flat_map(move |at| {
        others(text.as_bytes()[at]).filter_map(move |other| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = other;
            String::from_utf8(bytes).ok()
        })
    })
}

/// The text with a character too few or too many.
pub fn lengths(text: &str) -> impl Iterator<Item = String> {
    let places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    places.flat_map(move |at| {
        let (before, after) = text.split_at(at);
        let shorter: String = before.chars().chain(after.chars().skip(1)).collect();
        let longer = [" ", "\n", "0"].map(|more| format!("{before}{more}{after}"));
        longer.into_iter().chain([shorter]).filter(move |other| other != text)
    })
}
