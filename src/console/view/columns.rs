//! How wide each column is: from the columns and the room alone, never from what the rows say, so that nothing moves
//! while data change.

use crate::console::app::column::Column;

/// Between two columns.
const GAP: u16 = 2;
/// A column that grows takes at most this many times what it wants: further apart, a row is hard to follow.
const MOST: u16 = 3;

/// A column with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// Its position among those asked for.
    pub(super) at: usize,
    /// From the left edge of the table.
    pub(super) x: u16,
    pub(super) width: u16,
}

/// Places columns into some room. The least needed are dropped until the rest has its minimum.
pub(super) fn place(columns: &[&Column], room: u16) -> Vec<Placed> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let minimum = |at: &usize| least(columns[*at]);
    while kept.len() > 1 && needed(kept.iter().map(minimum)) > room {
        let least = kept.iter().copied().filter(|at| columns[*at].drop > 0).max_by_key(|at| columns[*at].drop);
        match least {
            Some(least) => kept.retain(|at| *at != least),
            None => break,
        }
    }
    let mut widths: Vec<u16> = kept.iter().map(minimum).collect();
    let mut spare = room.saturating_sub(needed(widths.iter().copied()));
    // Names come to what they want first; then what lacks least, which makes most columns whole.
    let is_name = |column: &Column| column.drop == 0 && column.grow > 0;
    let mut by_lack: Vec<usize> = (0..kept.len()).collect();
    by_lack.sort_by_key(|at| (!is_name(columns[kept[*at]]), columns[kept[*at]].ideal.saturating_sub(widths[*at])));
    for at in by_lack {
        let more = columns[kept[at]].ideal.saturating_sub(widths[at]).min(spare);
        widths[at] += more;
        spare -= more;
    }
    grow(columns, &kept, &mut widths, spare);
    let mut x = 0;
    let mut placed = Vec::with_capacity(kept.len());
    for (at, width) in kept.into_iter().zip(widths) {
        let width = width.min(room.saturating_sub(x));
        if width > 0 {
            placed.push(Placed { at, x, width });
        }
        x = x.saturating_add(width + GAP);
    }
    placed
}

fn grow(columns: &[&Column], kept: &[usize], widths: &mut [u16], mut spare: u16) {
    let share = |at: usize| columns[kept[at]].grow;
    let limit = |at: usize| columns[kept[at]].ideal.saturating_mul(MOST);
    loop {
        let open: Vec<usize> = (0..kept.len()).filter(|at| share(*at) > 0 && widths[*at] < limit(*at)).collect();
        let shares: u16 = open.iter().map(|at| share(*at)).sum();
        if shares == 0 || spare == 0 {
            return;
        }
        let unit = (spare / shares).max(1);
        for at in open {
            let more = (unit * share(at)).min(limit(at) - widths[at]).min(spare);
            widths[at] += more;
            spare -= more;
        }
    }
}

/// Narrower than this a column is dropped rather than cut: a screen of cut words tells nothing.
fn least(column: &Column) -> u16 {
    column.min.max(column.ideal * 7 / 8).max(heading(column))
}

/// A heading is never cut.
fn heading(column: &Column) -> u16 {
    u16::try_from(column.title.chars().count()).unwrap_or(0)
}

fn needed(widths: impl ExactSizeIterator<Item = u16>) -> u16 {
    let gaps = u16::try_from(widths.len().saturating_sub(1)).unwrap_or(0) * GAP;
    widths.fold(gaps, u16::saturating_add)
}
