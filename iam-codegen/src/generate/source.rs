//! Source text, formatted in batches: parsing and formatting take a hundred times the
//! memory of the text, which must not grow with the module.

use proc_macro2::TokenStream;
use quote::quote;

/// The number of operations or types that are parsed and formatted at a time.
pub(super) const BATCH: usize = 50;

/// Formats `items`.
pub(super) fn format(items: TokenStream) -> syn::Result<String> {
    Ok(prettyplease::unparse(&syn::parse2(items)?))
}

/// Formats a block such as `mod m { … }`: `head` stands before its brace, and `first` and
/// then `parts` in it. `plain` is the head of any block that can hold `parts`.
pub(super) fn block(
    head: TokenStream,
    first: TokenStream,
    plain: TokenStream,
    parts: impl IntoIterator<Item = TokenStream>,
) -> syn::Result<String> {
    let mut inside = String::new();
    let mut parts = parts.into_iter().peekable();
    while parts.peek().is_some() {
        let batch = parts.by_ref().take(BATCH);
        inside.push_str(content(&format(quote!(#plain { #(#batch)* }))?));
    }
    Ok(insert(&format(quote!(#head { #first }))?, &inside))
}

/// `block` with `inside`, lines that are indented already, as its last content.
pub(super) fn insert(block: &str, inside: &str) -> String {
    match block.trim_end().strip_suffix('}') {
        Some(open) if !inside.is_empty() => format!("{}\n{inside}}}\n", open.trim_end()),
        _ => block.to_owned(),
    }
}

/// The lines between the first and the last of a formatted block.
pub(super) fn content(block: &str) -> &str {
    let after_first = block.split_once('\n').map_or("", |(_, rest)| rest);
    after_first.trim_end().strip_suffix('}').unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use quote::{format_ident, quote};

    use super::{BATCH, block, format};

    #[test]
    fn batches_are_formatted_like_the_whole() {
        for count in [0, 1, BATCH, 2 * BATCH + 1] {
            let parts: Vec<_> = (0..count)
                .map(|number| {
                    let name = format_ident!("Type{number}");
                    quote! {
                        /// Text.
                        pub struct #name { field: u8 }

                        impl #name { fn field(&self) -> u8 { let field = self.field; field } }
                    }
                })
                .collect();
            let whole = format(quote!(#[doc = " Types."] pub mod types { #(#parts)* })).unwrap();
            let head = quote!(#[doc = " Types."] pub mod types);
            let batches = block(head.clone(), quote!(), quote!(mod m), parts.clone()).unwrap();
            assert_eq!(batches, whole, "{count}");
            let (first, rest) = (
                quote!(
                    use std::fmt;
                ),
                parts,
            );
            let whole = format(quote!(#head { #first #(#rest)* })).unwrap();
            assert_eq!(block(head, first, quote!(mod m), rest).unwrap(), whole, "{count}");
        }
    }
}
