//! `Option` for `::std::option::Option`, where that is what it means.
//!
//! The emitters write full paths, which hold whatever a document calls its
//! types. Where no type hides a name of the prelude, the short one is read, and
//! parsed, faster.

use std::collections::BTreeSet;

use proc_macro2::{Group, TokenStream, TokenTree};

/// Names of the prelude (2024) that emitters use, with their modules.
const PRELUDE: [(&str, &str); 11] = [
    ("borrow", "ToOwned"),
    ("boxed", "Box"),
    ("clone", "Clone"),
    ("convert", "From"),
    ("convert", "Into"),
    ("default", "Default"),
    ("iter", "IntoIterator"),
    ("option", "Option"),
    ("result", "Result"),
    ("string", "String"),
    ("vec", "Vec"),
];

/// `tokens` with the paths of the prelude shortened, but for names in `hidden`.
pub(super) fn shorten(tokens: TokenStream, hidden: &BTreeSet<&str>) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let mut short = Group::new(group.delimiter(), shorten(group.stream(), hidden));
                short.set_span(group.span());
                kept.push(TokenTree::Group(short));
            }
            TokenTree::Ident(name) if is_prelude_path(&kept, &name.to_string(), hidden) => {
                kept.truncate(kept.len() - PATH);
                kept.push(TokenTree::Ident(name));
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

/// How many tokens stand before the name: `:: std :: option ::`.
const PATH: usize = 8;

fn is_prelude_path(before: &[TokenTree], name: &str, hidden: &BTreeSet<&str>) -> bool {
    let Some(start) = before.len().checked_sub(PATH) else { return false };
    let [a, b, std, c, d, module, e, f] = &before[start..] else { return false };
    let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ':');
    let TokenTree::Ident(module) = module else { return false };
    [a, b, c, d, e, f].into_iter().all(colon)
        && matches!(std, TokenTree::Ident(ident) if ident == "std")
        && PRELUDE.iter().any(|(home, short)| module == home && *short == name)
        && !hidden.contains(name)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::shorten;

    #[test]
    fn only_names_that_nothing_hides_are_shortened() {
        let long = quote! {
            fn f(a: ::std::option::Option<::std::string::String>) -> ::std::fmt::Result {
                ::std::option::Option::Some(::std::vec::Vec::new())
            }
        };
        let short = quote! {
            fn f(a: Option<::std::string::String>) -> ::std::fmt::Result {
                Option::Some(Vec::new())
            }
        };
        let hidden = ["String"].into();
        assert_eq!(shorten(long, &hidden).to_string(), short.to_string());
    }
}
