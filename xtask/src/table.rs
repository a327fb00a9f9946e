//! Numbers and tables for people.

use std::fmt::Write as _;

/// `1234567` as `1,234,567`.
pub(crate) fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rows in columns as wide as their widest cell: the first column to the left,
/// the others to the right, as numbers are.
pub(crate) fn columns(rows: &[Vec<String>]) -> String {
    let mut widths = Vec::<usize>::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        for (index, (width, cell)) in widths.iter().zip(row).enumerate() {
            // Writing to a string cannot fail.
            let _ = if index == 0 {
                write!(text, "{cell:<width$}")
            } else {
                write!(text, "  {cell:>width$}")
            };
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{columns, count};

    #[test]
    fn thousands_are_apart() {
        let numbers = [0_usize, 999, 1_000, 1_234_567];
        assert_eq!(numbers.map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn the_first_column_is_text_and_the_others_numbers() {
        let rows =
            [["document", "types"], ["a", "1,234"]].map(|row| row.map(String::from).to_vec());
        assert_eq!(columns(&rows), "document  types\na         1,234\n");
    }
}
