//! The name that was probably meant.

/// The candidate that is nearest to what was written, if one is near enough to be worth a hint. Case does not count.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = letters(written);
    if written.is_empty() {
        return None;
    }
    let allowed = (written.len() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (edits(&written, &letters(candidate)), candidate))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

fn letters(text: &str) -> Vec<char> {
    // Longer names are compared by their beginnings: the cost is quadratic.
    text.chars().take(64).flat_map(char::to_lowercase).collect()
}

/// How many insertions, removals, replacements and swaps of neighbours lie between two words.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = last.clone();
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}
