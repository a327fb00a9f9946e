//! What objects consist of: properties, what is demanded of them, and the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    super::{
        pairs::{BOTH, Difference, Mask, REQUEST, RESPONSE, Spot},
        side::Loc,
        value::hashes,
        view::View,
    },
    Sort, Task, Walk, spot,
};

/// A property on one side.
struct Property<'a> {
    loc: Loc<'a>,
    required: bool,
    read_only: bool,
    write_only: bool,
}

impl Property<'_> {
    fn mask(&self) -> Mask {
        Walk::directions(self.read_only, self.write_only)
    }
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn object(&mut self, task: &Task<'a>) {
        self.properties(task);
        self.additional(task);
        self.patterns(task);
        self.dependents(task);
    }

    fn properties(&mut self, task: &Task<'a>) {
        let before = self.declared(&task.old, true);
        let after = self.declared(&task.new, false);
        for (name, old) in &before {
            let Some(new) = after.get(name) else { continue };
            // What goes one way only, before or after, was never or will never be
            // sent the other way.
            let mask =
                Self::directions(old.read_only || new.read_only, old.write_only || new.write_only);
            let segment = format!(".{name}");
            self.meet(Sort::Schema, task.pair, mask, &segment, &old.loc, &new.loc);
            self.one_way(task, name, old, new);
            self.demanded(task, name, old, new);
        }
        let only =
            |one: &BTreeMap<&'a str, _>, other: &BTreeMap<&'a str, _>| -> BTreeSet<&'a str> {
                one.keys().filter(|name| !other.contains_key(*name)).copied().collect()
            };
        let (mut gone, mut come) = (only(&before, &after), only(&after, &before));
        for (from, to) in self.renames(&before, &after, &gone, &come) {
            gone.remove(from);
            come.remove(to);
            let (old, new) = (&before[from], &after[to]);
            let mut difference = Difference::new(
                "property-renamed",
                format!("{from} to {to}"),
                Spot::Here(old.loc.clone()),
                Spot::Here(new.loc.clone()),
            );
            difference.mask = old.mask() | new.mask();
            difference.words = vec![from.to_owned(), to.to_owned()];
            difference.also = required_lists(task, [old.required, new.required]);
            self.differ(task.pair, difference);
            let segment = format!(".{from}");
            self.meet(Sort::Schema, task.pair, old.mask(), &segment, &old.loc, &new.loc);
        }
        for name in gone {
            let old = &before[name];
            let kind = match old.required {
                true => "required-property-removed",
                false => "optional-property-removed",
            };
            let missing = Spot::of(None, &task.new.at, &["properties", name]);
            let mut difference =
                Difference::new(kind, name, Spot::Here(old.loc.clone()), missing).mask(old.mask());
            difference.also = required_lists(task, [old.required, false]);
            self.differ(task.pair, difference);
        }
        for name in come {
            let new = &after[name];
            let kind = match new.required {
                true => "required-property-added",
                false => "optional-property-added",
            };
            let missing = Spot::of(None, &task.old.at, &["properties", name]);
            let mut difference =
                Difference::new(kind, name, missing, Spot::Here(new.loc.clone())).mask(new.mask());
            difference.also = required_lists(task, [new.required, false]);
            self.differ(task.pair, difference);
        }
        self.undeclared(task, &before, &after);
    }

    fn declared(&self, view: &View<'a>, old: bool) -> BTreeMap<&'a str, Property<'a>> {
        let side = if old { self.old } else { self.new };
        let required = required(view);
        let properties = view.get("properties").into_iter().flat_map(|loc| loc.entries());
        let property = |(name, loc): (&'a str, Loc<'a>)| {
            let view = side.schema(&loc);
            let property = Property {
                required: required.contains(name),
                read_only: view.flag("readOnly"),
                write_only: view.flag("writeOnly"),
                loc,
            };
            (name, property)
        };
        properties.map(property).collect()
    }

    /// Whether a property is only received or only sent, where that is said of
    /// the property and not of a component that it refers to.
    fn one_way(&mut self, task: &Task<'a>, name: &str, old: &Property<'a>, new: &Property<'a>) {
        let (before, after) = (self.old.schema(&old.loc), self.new.schema(&new.loc));
        if before.at.component().is_some() && after.at.component().is_some() {
            return;
        }
        for (key, on, off) in super::keywords::ONE_WAY {
            let kind = match (before.flag(key), after.flag(key)) {
                (false, true) => on,
                (true, false) => off,
                _ => continue,
            };
            let spots = (spot(&before, key), spot(&after, key));
            self.differ(task.pair, Difference::new(kind, name, spots.0, spots.1));
        }
    }

    /// Whether a property that is on both sides must be given.
    fn demanded(&mut self, task: &Task<'a>, name: &str, old: &Property<'a>, new: &Property<'a>) {
        let lists = (spot(&task.old, "required"), spot(&task.new, "required"));
        let kind = match (old.required, new.required) {
            (false, true) => Some(("property-became-required", new.mask())),
            (true, false) => Some(("property-became-optional", old.mask())),
            _ => None,
        };
        if let Some((kind, mask)) = kind {
            let difference = Difference::new(kind, name, lists.0, lists.1).mask(mask);
            return self.differ(task.pair, difference);
        }
        if !new.required {
            return;
        }
        let places = |key: &str| {
            let place = |loc: &Loc<'a>, view: View<'a>| Spot::of(view.get(key), loc, &[key]);
            (place(&old.loc, self.old.schema(&old.loc)), place(&new.loc, self.new.schema(&new.loc)))
        };
        if old.read_only && !new.read_only {
            let (from, to) = places("readOnly");
            let kind = "required-property-became-writable";
            self.differ(task.pair, Difference::new(kind, name, from, to).mask(REQUEST));
        }
        if !old.write_only && new.write_only {
            let (from, to) = places("writeOnly");
            let kind = "required-property-became-write-only";
            self.differ(task.pair, Difference::new(kind, name, from, to).mask(RESPONSE));
        }
    }

    /// Names that are demanded by the side that does not declare them.
    fn undeclared(
        &mut self,
        task: &Task<'a>,
        before: &BTreeMap<&'a str, Property<'a>>,
        after: &BTreeMap<&'a str, Property<'a>>,
    ) {
        let (old, new) = (required(&task.old), required(&task.new));
        let lists = (spot(&task.old, "required"), spot(&task.new, "required"));
        // Where the side that declares it demands it as well, it has been judged.
        let judged = |name: &str| match (before.contains_key(name), after.contains_key(name)) {
            (true, true) => true,
            (true, false) => old.contains(name),
            (false, true) => new.contains(name),
            (false, false) => false,
        };
        for name in old.symmetric_difference(&new).filter(|name| !judged(name)) {
            let kind = match new.contains(*name) {
                true => "property-became-required",
                false => "property-became-optional",
            };
            self.differ(task.pair, Difference::new(kind, *name, lists.0.clone(), lists.1.clone()));
        }
    }

    /// Which property that is gone goes on under the name of one that has come:
    /// the only two that refer to one component, or that say the same. (A schema
    /// that contains itself no longer says the same once a property is renamed.)
    fn renames(
        &mut self,
        before: &BTreeMap<&'a str, Property<'a>>,
        after: &BTreeMap<&'a str, Property<'a>>,
        gone: &BTreeSet<&'a str>,
        come: &BTreeSet<&'a str>,
    ) -> Vec<(&'a str, &'a str)> {
        if gone.is_empty() || come.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let (mut gone, mut come) = (gone.clone(), come.clone());
        for by_shape in [true, false] {
            let mut groups: BTreeMap<(String, bool), [Vec<&'a str>; 2]> = BTreeMap::new();
            let sides = [(&gone, before, self.old), (&come, after, self.new)];
            for (which, (names, properties, side)) in sides.into_iter().enumerate() {
                for name in names {
                    let property = &properties[name];
                    let key = if by_shape {
                        Some(self.shapes.of(side, &property.loc).to_string())
                    } else {
                        target(&side.schema(&property.loc))
                    };
                    if let Some(key) = key {
                        groups.entry((key, property.required)).or_default()[which].push(name);
                    }
                }
            }
            for [from, to] in groups.into_values() {
                if let ([from], [to]) = (from.as_slice(), to.as_slice())
                    && (telling(before[from].loc.value)
                        || alike(from, to)
                        || same_text(&before[from].loc, &after[to].loc))
                {
                    gone.remove(from);
                    come.remove(to);
                    found.push((*from, *to));
                }
            }
        }
        found
    }

    fn additional(&mut self, task: &Task<'a>) {
        let key = "additionalProperties";
        let (before, after) = (Further::of(&task.old), Further::of(&task.new));
        let kind = match (&before, &after) {
            (Further::Schema(old), Further::Schema(new)) => {
                self.meet(Sort::Schema, task.pair, BOTH, "{}", old, new);
                return;
            }
            (Further::Any, Further::Any) | (Further::None, Further::None) => return,
            (_, Further::None) => "additional-properties-forbidden",
            (Further::None, _) => "additional-properties-allowed",
            (Further::Any, Further::Schema(_)) => "additional-properties-constrained",
            (Further::Schema(_), Further::Any) => "additional-properties-freed",
        };
        self.differ(
            task.pair,
            Difference::new(kind, "", spot(&task.old, key), spot(&task.new, key)),
        );
    }

    fn patterns(&mut self, task: &Task<'a>) {
        let kinds = ["pattern-property-added", "pattern-property-removed"];
        self.map_of_schemas(task, "patternProperties", kinds);
        let kinds = ["dependent-schema-added", "dependent-schema-removed"];
        self.map_of_schemas(task, "dependentSchemas", kinds);
    }

    fn map_of_schemas(&mut self, task: &Task<'a>, key: &str, kinds: [&'static str; 2]) {
        let map = |view: &View<'a>| -> BTreeMap<&'a str, Loc<'a>> {
            view.get(key).into_iter().flat_map(|loc| loc.entries()).collect()
        };
        let (before, after) = (map(&task.old), map(&task.new));
        let names: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
        for name in names {
            let kind = match (before.get(name), after.get(name)) {
                (Some(old), Some(new)) => {
                    let segment = format!(" {key} {name}");
                    self.meet(Sort::Schema, task.pair, BOTH, &segment, old, new);
                    continue;
                }
                (None, _) => kinds[0],
                (_, None) => kinds[1],
            };
            let place = |loc: Option<&Loc<'a>>, view: &View<'a>| {
                Spot::of(loc.cloned(), &view.at, &[key, name])
            };
            let old = place(before.get(name), &task.old);
            let new = place(after.get(name), &task.new);
            self.differ(task.pair, Difference::new(kind, name, old, new));
        }
    }

    fn dependents(&mut self, task: &Task<'a>) {
        let key = "dependentRequired";
        let map = |view: &View<'a>| -> BTreeMap<&'a str, Loc<'a>> {
            view.get(key).into_iter().flat_map(|loc| loc.entries()).collect()
        };
        let (before, after) = (map(&task.old), map(&task.new));
        let names: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
        for name in names {
            let list = |loc: Option<&Loc<'a>>| -> &'a [Value] {
                loc.and_then(|loc| loc.value.as_array()).map_or(&[], Vec::as_slice)
            };
            let (old, new) = (list(before.get(name)), list(after.get(name)));
            let (old, new) = (hashes(old), hashes(new));
            let place = |loc: Option<&Loc<'a>>, view: &View<'a>| {
                Spot::of(loc.cloned(), &view.at, &[key, name])
            };
            let from = place(before.get(name), &task.old);
            let to = place(after.get(name), &task.new);
            if !new.is_subset(&old) {
                let kind = "dependent-required-added";
                self.differ(task.pair, Difference::new(kind, name, from.clone(), to.clone()));
            }
            if !old.is_subset(&new) {
                let kind = "dependent-required-removed";
                self.differ(task.pair, Difference::new(kind, name, from, to));
            }
        }
    }
}

/// What holds for properties that are not declared.
enum Further<'a> {
    Any,
    None,
    Schema(Loc<'a>),
}

impl<'a> Further<'a> {
    fn of(view: &View<'a>) -> Self {
        let Some(loc) = view.get("additionalProperties") else { return Self::Any };
        match loc.value {
            Value::Bool(false) => Self::None,
            Value::Object(map) if !map.is_empty() => Self::Schema(loc),
            _ => Self::Any,
        }
    }
}

fn required<'a>(view: &View<'a>) -> BTreeSet<&'a str> {
    let list = view.get("required").and_then(|loc| loc.value.as_array());
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The lists of what is required, where a change touches them.
fn required_lists<'a>(task: &Task<'a>, touched: [bool; 2]) -> Vec<(Spot<'a>, Spot<'a>)> {
    if touched.contains(&true) {
        vec![(spot(&task.old, "required"), spot(&task.new, "required"))]
    } else {
        Vec::new()
    }
}

/// The schema component that a property is, by name.
fn target(view: &View<'_>) -> Option<String> {
    let (_, name) = view.base.component().filter(|(section, _)| *section == "schemas")?;
    Some(format!("{name} {}", view.null.is_some()))
}

/// Whether a schema says more than its type, so that two alike are no accident.
fn telling(schema: &Value) -> bool {
    let texts = ["type", "description", "title", "nullable", "deprecated", "example"];
    schema.as_object().is_some_and(|map| map.keys().any(|key| !texts.contains(&key.as_str())))
}

/// Whether two names share a word, or differ in how they are spelled only.
pub(super) fn alike(a: &str, b: &str) -> bool {
    let words = |name: &str| -> BTreeSet<String> {
        let mut words = vec![String::new()];
        for c in name.chars() {
            if !c.is_alphanumeric() || c.is_uppercase() {
                words.push(String::new());
            }
            if c.is_alphanumeric()
                && let Some(word) = words.last_mut()
            {
                word.extend(c.to_lowercase());
            }
        }
        words.into_iter().filter(|word| word.len() > 1).collect()
    };
    let plain = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b) || words(a).intersection(&words(b)).next().is_some()
}

/// Whether both are described in the same words.
pub(super) fn same_text(a: &Loc<'_>, b: &Loc<'_>) -> bool {
    a.text("description")
        .is_some_and(|text| !text.is_empty() && Some(text) == b.text("description"))
}
