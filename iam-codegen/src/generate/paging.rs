//! What a request builder has for lists that come in pages.

use proc_macro2::TokenStream;
use quote::quote;

use super::{ident, metadata, rust_type};
use crate::api::{Next, Operation, Paging, Step};

/// The methods `pages` and `items`.
pub(super) fn methods(paging: &Paging) -> TokenStream {
    let types = quote!(types::);
    let (page, item) =
        (rust_type::owned(&paging.page, &types), rust_type::owned(&paging.item, &types));
    let maximum = paging.size_maximum.map(|maximum| format!(", at most {maximum}"));
    let about = format!(
        " All pages, from [`{0}`](Self::{0}) on if it is set. \
         [`{1}`](Self::{1}) sets how many items each has{2}.",
        paging.start,
        paging.size,
        maximum.unwrap_or_default()
    );
    quote! {
        #[doc = #about]
        pub fn pages(self) -> runtime::Pages<#page> {
            runtime::Pages::new(self)
        }

        /// The items of all [`pages`](Self::pages), one by one.
        pub fn items(self) -> runtime::Items<#item> {
            runtime::Items::new(self)
        }
    }
}

/// What the runtime must know to page.
pub(super) fn implementation(operation: &Operation, paging: &Paging) -> TokenStream {
    let builder = ident(&operation.type_name);
    let entry = ident(&metadata::entry(operation));
    let types = quote!(types::);
    let (page, item) =
        (rust_type::owned(&paging.page, &types), rust_type::owned(&paging.item, &types));
    let start = ident(&paging.start);
    let items = ident(&paging.items.name);
    let next = match &paging.next {
        Next::Token(from) => {
            let from = text(&quote!(page), from);
            quote!(runtime::next_token(#from))
        }
        Next::Url { from, query } => {
            let from = text(&quote!(page), from);
            quote!(runtime::next_in_url(#from, #query))
        }
        Next::Offset { total } => {
            let field = ident(&total.name);
            let total = some_unless(total, quote!(page.#field));
            let count = if paging.items.optional {
                quote!(page.#items.as_ref().map_or(0, ::std::vec::Vec::len))
            } else {
                quote!(page.#items.len())
            };
            quote!(runtime::next_offset(self.#start, #count, #total))
        }
    };
    let list = if paging.items.optional {
        quote!(page.#items.unwrap_or_default())
    } else {
        quote!(page.#items)
    };
    quote! {
        impl runtime::Paged for #builder {
            type Page = #page;
            type Item = #item;
            const OPERATION: &'static runtime::Operation = &operation::#entry;

            fn call(self) -> runtime::PageCall<Self::Page> {
                ::std::boxed::Box::pin(self.send())
            }

            fn start(&self) -> ::std::option::Option<runtime::PageToken> {
                self.#start.as_ref().map(runtime::PageToken::new)
            }

            fn start_at(&mut self, token: &runtime::PageToken) -> runtime::Started {
                token.set(&mut self.#start)
            }

            fn next(&self, page: &Self::Page) -> runtime::NextPage {
                #next
            }

            fn items(page: Self::Page) -> ::std::vec::Vec<Self::Item> {
                #list
            }
        }
    }
}

/// The text at the end of `steps`, as `Option<&str>`.
fn text(at: &TokenStream, steps: &[Step]) -> TokenStream {
    let Some((step, rest)) = steps.split_first() else { return quote!() };
    let name = ident(&step.name);
    match (rest.is_empty(), step.optional) {
        (true, true) => quote!(#at.#name.as_deref()),
        (true, false) => quote!(::std::option::Option::Some(#at.#name.as_str())),
        (false, false) => text(&quote!(#at.#name), rest),
        (false, true) => {
            let rest = text(&quote!(at), rest);
            quote!(#at.#name.as_ref().and_then(|at| #rest))
        }
    }
}

fn some_unless(step: &Step, value: TokenStream) -> TokenStream {
    if step.optional { value } else { quote!(::std::option::Option::Some(#value)) }
}
