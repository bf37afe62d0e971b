// The world `greet` of greet.wit.
wit_bindgen::generate!({ path: "../../wit/greet.wit", world: "greet" });

struct Component;

impl Guest for Component {
    fn greet(name: String) -> String {
        format!("Hello, {name}, from Rust!")
    }
}

export!(Component);
