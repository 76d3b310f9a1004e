use proptest::prelude::*;

use super::*;

fn pass(input: &mut dyn Read) -> Result<(), Stop> {
    let mut scanner = Scanner::new(input);
    scanner.value()?;
    match scanner.space()? {
        None => Ok(()),
        Some(_) => scanner.syntax("the end"),
    }
}

fn passes(mut input: &[u8]) -> bool {
    pass(&mut input).is_ok()
}

fn is_json(input: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(input).is_ok()
}

/// Hands out a few bytes at a time, so that every place is the end of a buffer once.
struct Slow<'i>(&'i [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let end = buffer.len().min(self.1);
        self.0.read(&mut buffer[..end])
    }
}

/// Bytes before, so that the text stands at every place of a block.
fn shifted(text: &str) -> impl Iterator<Item = String> + '_ {
    (0..BLOCK + 1).map(move |shift| format!("{}{text}", " ".repeat(shift)))
}

#[test]
fn every_form_of_json_passes_and_nothing_else() {
    for text in [
        "{}",
        "[]",
        " [ 1 , 2 ] ",
        "\"\\u00e4\\n\"",
        "-0.5e+10",
        "1e400",
        "null",
        "tru",
        "truex",
        "nulls",
        "01",
        "1.",
        "1 2",
        "12\"a\"",
        "\"a\"b",
        "[1,]",
        "[,1]",
        "{,}",
        "{\"a\":1,}",
        "{\"a\"}",
        "{\"a\" 1}",
        "{\"a\"::1}",
        "{1:2}",
        "[1 2]",
        "[1:2]",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12\"",
        "\"a\nb\"",
        "\"abc",
        "\"\\\"",
        "\"\\\\\"",
        "\"\\\\\\\"\"",
        "[[[]]",
        "]",
        "{\"a\":[{}, {\"b\": null}]}",
        "[-1,-0,0.0,1E5,-12.5e-3,true,false,null]",
        "[true,false,nul]",
        "[- 1]",
        "[\u{1}]",
        "[\u{b}1]",
        "[\n\t\r1]",
        "\"12345678\\\\\"",
        "-",
        "1e",
        "nul",
        "\"1234567\u{1}\"",
        "[}",
        "{]",
        "\\\"a\"",
    ] {
        for text in shifted(text) {
            // serde_json refuses numbers beyond its own; here they are numbers.
            let expected = is_json(text.as_bytes()) || text.trim() == "1e400";
            assert_eq!(passes(text.as_bytes()), expected, "{text:?}");
            for step in [1, 7] {
                let mut slow = Slow(text.as_bytes(), step);
                let slowly = pass(&mut slow).is_ok();
                assert_eq!(slowly, expected, "{text:?}, {step} bytes at a time");
            }
        }
    }
}

#[test]
fn what_was_cut_has_ended_too_early() {
    let text = r#"{"a":[1.5,true,null,{"b":"c\"\\\u00e4","d":[]}],"e":-12}"#;
    for end in 0..text.len() {
        let mut cut = &text.as_bytes()[..end];
        let stopped = pass(&mut cut);
        assert!(matches!(stopped, Err(Stop::Ended)), "{end}: {stopped:?}");
    }
}

#[test]
fn faults_are_named_where_they_are() {
    for (text, expected, place) in [
        (r#"{"a":}"#, VALUE, 5),
        (r#"{"a",1}"#, COLON, 4),
        (r#"{"a":1 "b"}"#, NEXT, 7),
        (r#"{a:1}"#, KEY, 1),
        (r#"["\x"]"#, "a known escape behind `\\`", 3),
        ("[\"a\u{2}\"]", "no control characters in strings", 3),
        (r#"["\u12x4"]"#, "four hexadecimal digits behind `\\u`", 6),
        ("[1.]", "a digit", 3),
    ] {
        for (shift, text) in shifted(text).enumerate() {
            let stopped = pass(&mut text.as_bytes());
            let Err(Stop::Syntax { expected: said, at }) = stopped else {
                panic!("{text:?}: {stopped:?}");
            };
            assert_eq!((said, at), (expected, (place + shift) as u64), "{text:?}");
        }
    }
}

#[test]
fn what_is_kept_outlives_the_buffer() {
    let text = format!(
        "[{:?}, {{\"k\": {:?}}}]",
        "x".repeat(BUFFER),
        "y".repeat(BUFFER)
    );
    let mut input = text.as_bytes();
    let mut scanner = Scanner::new(&mut input);
    scanner.begin(b'[', "").unwrap();
    scanner.value().unwrap();
    scanner.next(b'[').unwrap();
    scanner.keep().unwrap();
    let range = scanner.value().unwrap();
    let value: serde_json::Value = serde_json::from_slice(scanner.part(range)).unwrap();
    assert_eq!(value["k"].as_str().unwrap().len(), BUFFER);
}

#[test]
fn what_is_not_kept_does_not_stay() {
    let text = format!(
        "[{:?}, [{}1]]",
        "x".repeat(8 * BUFFER),
        "1, ".repeat(BUFFER)
    );
    let mut input = text.as_bytes();
    let mut scanner = Scanner::new(&mut input);
    scanner.value().unwrap();
    assert_eq!(scanner.buffer.len(), BUFFER);
}

#[test]
fn parts_are_handed_out_as_they_stand() {
    let text = r#"  {"a\"b" : "c\\" , "d" :[ 1,{"e":"f"} ] ,"g": -1.5e3,"h":true }  ::behind "it"#;
    for step in [1, 7, 64, 1000] {
        let mut slow = Slow(text.as_bytes(), step);
        let mut scanner = Scanner::new(&mut slow);
        scanner.keep().unwrap();
        let mut parts = Vec::new();
        let mut more = scanner.begin(b'{', "an object").unwrap();
        while more == More::Yes {
            for range in [scanner.key().unwrap(), scanner.value().unwrap()] {
                parts.push(String::from_utf8(scanner.part(range).to_vec()).unwrap());
            }
            more = scanner.next(b'{').unwrap();
        }
        let whole = scanner.part(0..scanner.place()).to_vec();
        assert_eq!(
            String::from_utf8(whole).unwrap(),
            text.get(2..text.len() - 14).unwrap()
        );
        scanner.release();
        let expected = [
            r#"a\"b"#,
            r#""c\\""#,
            "d",
            r#"[ 1,{"e":"f"} ]"#,
            "g",
            "-1.5e3",
            "h",
            "true",
        ];
        assert_eq!(parts, expected, "{step}");
        assert_eq!(scanner.space().unwrap(), Some(b':'));
        scanner.pass_line().unwrap();
        assert_eq!(scanner.space().unwrap(), None);
    }
}

/// What is kept is moved to the start of the buffer also when nothing more can be read; the tokens of the rest are looked
/// for where it stands then.
#[test]
fn a_part_that_is_kept_into_the_last_block_is_handed_out_as_it_stands() {
    let inner = r#"{"a":"c\\\"", "b":[1,{"e":"f"}],"g":-1.5e3}"#;
    for shift in 0..3 * BLOCK {
        let text = format!("[{}{inner}]", " ".repeat(shift));
        for step in [1, 7, 64, FIRST] {
            let mut slow = Slow(text.as_bytes(), step);
            assert_eq!(elements(&mut slow).unwrap(), [inner], "{shift}, {step}");
        }
    }
}

/// The elements of a list, each kept while it is read.
fn elements(input: &mut dyn Read) -> Result<Vec<String>, Stop> {
    let mut scanner = Scanner::new(input);
    let mut elements = Vec::new();
    let mut more = scanner.begin(b'[', "a list")?;
    while more == More::Yes {
        scanner.keep()?;
        let range = scanner.value()?;
        elements.push(String::from_utf8_lossy(scanner.part(range)).into_owned());
        scanner.release();
        more = scanner.next(b'[')?;
    }
    Ok(elements)
}

fn elements_of_serde(text: &str) -> Vec<String> {
    let elements: Vec<&serde_json::value::RawValue> = serde_json::from_str(text).unwrap();
    elements
        .iter()
        .map(|value| value.get().to_owned())
        .collect()
}

/// JSON with everything that has a form of its own.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?([eE][+-]?[0-9])?",
        "\"([a-z {}:,\\[\\]]|\\\\\"|\\\\\\\\|\\\\u00[0-9a-f]{2}|\\\\n|ä){0,70}\"",
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let space = "[ \n\t]{0,2}";
        prop_oneof![
            (proptest::collection::vec(inner.clone(), 0..6), space)
                .prop_map(|(all, space)| format!("[{}]", all.join(&format!("{space},{space}")))),
            (proptest::collection::vec(inner, 0..6), space).prop_map(|(all, space)| {
                let fields = all
                    .iter()
                    .map(|value| format!("\"k\"{space}:{space}{value}"));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn random_brackets_pass_when_they_are_json(text in "[\\[\\]{}:,\"a1 ]{0,12}") {
        prop_assert_eq!(passes(text.as_bytes()), is_json(text.as_bytes()), "{}", text);
    }

    #[test]
    fn what_is_written_passes_and_what_is_broken_does_not(
        text in any_json(), at in any::<proptest::sample::Index>(), byte in "[\\[\\]{}:,\"\\\\a1 \n]",
        step in 1_usize..200,
    ) {
        let read = |text: &[u8]| pass(&mut Slow(text, step)).is_ok();
        prop_assert!(read(text.as_bytes()));
        let mut broken = text.into_bytes();
        let at = at.index(broken.len());
        broken[at] = byte.as_bytes()[0];
        // What is skipped may be no UTF-8; whoever reads it sees that.
        let expected = is_json(String::from_utf8_lossy(&broken).as_bytes());
        prop_assert_eq!(read(&broken), expected, "{:?}", String::from_utf8_lossy(&broken));
    }

    #[test]
    fn what_is_kept_is_what_serde_finds(
        all in proptest::collection::vec(any_json(), 1..8),
        space in 0..2 * BLOCK,
        step in prop_oneof![1_usize..200, Just(FIRST)],
    ) {
        let text = format!("[{}{}]", " ".repeat(space), all.join(",\n"));
        let expected = elements_of_serde(&text);
        let found = elements(&mut Slow(text.as_bytes(), step)).unwrap();
        prop_assert_eq!(found, expected, "{}", text);
    }

    #[test]
    fn long_documents_are_read_as_serde_reads_them(
        all in proptest::collection::vec(any_json(), 20..40),
        long in FIRST - 2 * BLOCK..FIRST + 2 * BLOCK,
        step in prop_oneof![1_usize..200, Just(FIRST), Just(BUFFER)],
    ) {
        let text = format!("[{:?},{}]", "x".repeat(long), all.join(","));
        let expected = elements_of_serde(&text);
        let found = elements(&mut Slow(text.as_bytes(), step)).unwrap();
        prop_assert_eq!(found, expected, "{}", text);
    }
}
