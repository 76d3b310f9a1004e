//! Reads a metric math expression.

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Number(f64),
    Text(String),
    Id(String),
    Negate(Box<Expression>),
    Array(Vec<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
}

/// A binary operator; comparisons and logic yield 1 or 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Operator {
    Or,
    And,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Operator {
    /// The value of `left OP right`.
    pub(super) fn apply(self, left: f64, right: f64) -> f64 {
        let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
        let equal = (left - right).abs() <= f64::EPSILON;
        match self {
            Self::Or => truth(left != 0.0 || right != 0.0),
            Self::And => truth(left != 0.0 && right != 0.0),
            Self::Less => truth(left < right),
            Self::LessOrEqual => truth(left <= right),
            Self::Greater => truth(left > right),
            Self::GreaterOrEqual => truth(left >= right),
            Self::Equal => truth(equal),
            Self::NotEqual => truth(!equal),
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Power => left.powf(right),
        }
    }

    /// Binding strength; higher binds tighter.
    fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Less
            | Self::LessOrEqual
            | Self::Greater
            | Self::GreaterOrEqual
            | Self::Equal
            | Self::NotEqual => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide => 5,
            Self::Power => 6,
        }
    }

    fn of(token: &Token) -> Option<Self> {
        let Token::Symbol(symbol) = token else {
            return match token {
                Token::Word(word) if word == "AND" => Some(Self::And),
                Token::Word(word) if word == "OR" => Some(Self::Or),
                Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::Symbol(_) => None,
            };
        };
        Some(match *symbol {
            "||" => Self::Or,
            "&&" => Self::And,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "^" => Self::Power,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Word(String),
    Symbol(&'static str),
}

/// How deep brackets may nest: far beyond any real expression, well inside the stack.
const DEEPEST: usize = 64;

/// Parses an expression.
///
/// # Errors
/// A sentence saying what was found instead of what was expected.
pub(crate) fn parse(text: &str) -> Result<Expression, String> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let expression = reader.expression(0)?;
    match reader.peek() {
        None => Ok(expression),
        Some(token) => Err(format!("unexpected {token:?} after the expression")),
    }
}

const SYMBOLS: [&str; 19] = [
    "||", "&&", "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",",
    "=",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '\'' || first == '"' {
            let inner = rest.strip_prefix(first).unwrap_or_default();
            let (content, after) = inner
                .split_once(first)
                .ok_or("a text without its closing quote")?;
            tokens.push(Token::Text(content.to_owned()));
            rest = after;
        } else if first.is_ascii_digit() || first == '.' {
            let length = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(rest.len());
            let (number, after) = rest.split_at(length);
            tokens.push(Token::Number(
                number
                    .parse()
                    .map_err(|_| format!("{number} is not a number"))?,
            ));
            rest = after;
        } else if first.is_ascii_alphabetic() {
            let length = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(length);
            tokens.push(Token::Word(word.to_owned()));
            rest = after;
        } else {
            let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
            let symbol = symbol.ok_or_else(|| format!("unexpected character '{first}'"))?;
            tokens.push(Token::Symbol(symbol));
            rest = rest.strip_prefix(symbol).unwrap_or_default();
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(next)) if *next == symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), String> {
        if self.take(symbol) {
            Ok(())
        } else {
            Err(format!("expected '{symbol}'"))
        }
    }

    fn expression(&mut self, weakest: u8) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("the expression nests too deeply".to_owned());
        }
        let mut left = self.operand()?;
        while let Some(operator) = self.peek().and_then(Operator::of) {
            if operator.strength() <= weakest {
                break;
            }
            self.at += 1;
            let right = self.expression(operator.strength())?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expression, String> {
        let token = self
            .peek()
            .cloned()
            .ok_or("the expression ends too early")?;
        self.at += 1;
        match token {
            Token::Number(value) => Ok(Expression::Number(value)),
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Word(word) if self.take("(") => {
                Ok(Expression::Call(word.to_ascii_uppercase(), self.list(")")?))
            }
            Token::Word(word) => Ok(Expression::Id(word)),
            Token::Symbol("-") => Ok(Expression::Negate(Box::new(self.expression(5)?))),
            Token::Symbol("[") => Ok(Expression::Array(self.list("]")?)),
            Token::Symbol("(") => {
                let inner = self.expression(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Symbol(symbol) => Err(format!("unexpected '{symbol}'")),
        }
    }

    fn list(&mut self, close: &str) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        loop {
            items.push(self.expression(0)?);
            if self.take(close) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }
}
