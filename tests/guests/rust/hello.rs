// Greets its arguments, and shows that collections, formatting and panics work.
use std::collections::BTreeMap;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "panic") {
        panic!("as asked");
    }
    println!("hello from Rust: {}", arguments.join(" "));
    let mut lengths: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for argument in &arguments {
        lengths.entry(argument.len()).or_default().push(argument);
    }
    println!("by length: {lengths:?}");
    match std::fs::read_to_string("note.txt") {
        Ok(text) => println!("note: {}", text.trim()),
        Err(error) => println!("note: {}", error.kind()),
    }
    if let Ok(value) = std::env::var("STATUS") {
        std::process::exit(value.parse().unwrap());
    }
}
