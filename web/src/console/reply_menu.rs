//! What can be done with a reply: copied as text, JSON or RESP, or opened as a tree.

use std::rc::Rc;

use redarium_resp::{Reply, Style, decode, render, render_as};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::HtmlElement;
use yew::prelude::*;

/// Values that a tree shows; more are counted.
const BRANCH_MAX: usize = 500;

/// Values up to which a branch is open from the start.
const OPEN_MAX: usize = 8;

/// The bytes of the reply.
#[derive(PartialEq, Properties)]
pub(super) struct Props {
    /// As they were sent.
    pub(super) wire: Rc<[u8]>,
}

/// What is open.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Open {
    #[default]
    Nothing,
    Menu,
    Tree,
}

/// A form in which a reply can be copied.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    Text,
    Json,
    Resp,
}

#[component]
pub(super) fn ReplyMenu(props: &Props) -> Html {
    let open = use_state_eq(Open::default);
    let said = use_state_eq(|| "");
    let menu = use_node_ref();
    let button = use_node_ref();
    {
        let menu = menu.clone();
        use_effect_with(*open, move |open| {
            let first = menu.cast::<HtmlElement>().and_then(|it| it.first_element_child());
            if let Some(first) = first.filter(|_| *open == Open::Menu) {
                let _ = first.unchecked_into::<HtmlElement>().focus();
            }
        });
    }
    let toggle = {
        let (open, said) = (open.clone(), said.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            said.set("");
            open.set(if *open == Open::Nothing { Open::Menu } else { Open::Nothing });
        })
    };
    let copy = |form: Form| {
        let (open, said, button) = (open.clone(), said.clone(), button.clone());
        let wire = Rc::clone(&props.wire);
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            copy_text(&text_of(&wire, form));
            said.set("copied");
            open.set(Open::Nothing);
            focus(&button);
        })
    };
    let tree = {
        let open = open.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            open.set(Open::Tree);
        })
    };
    let onkeydown = {
        let (open, button) = (open.clone(), button.clone());
        Callback::from(move |event: KeyboardEvent| {
            let here = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok());
            let Some(here) = here else { return };
            let to = match event.key().as_str() {
                "ArrowDown" => here.next_element_sibling(),
                "ArrowUp" => here.previous_element_sibling(),
                "Escape" | "Tab" => {
                    open.set(Open::Nothing);
                    focus(&button);
                    None
                }
                _ => return,
            };
            event.stop_propagation();
            event.prevent_default();
            if let Some(to) = to.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                let _ = to.focus();
            }
        })
    };
    let item = |label: &'static str, testid: &'static str, onclick: Callback<MouseEvent>| {
        html! {
            <button type="button" role="menuitem" tabindex="-1" data-testid={testid} {onclick}>{ label }</button>
        }
    };
    html! {
        <span class={classes!("reply-menu", (*open != Open::Nothing).then_some("open"))}>
            <button
                ref={button.clone()}
                type="button"
                class="menu-button stop"
                tabindex="-1"
                data-testid="reply-menu"
                aria-label="What to do with this reply"
                aria-haspopup="menu"
                aria-expanded={(*open == Open::Menu).to_string()}
                onclick={toggle}
            ></button>
            <span class="said" role="status">{ *said }</span>
            if *open == Open::Menu {
                <div ref={menu} class="menu" role="menu" aria-label="Reply" {onkeydown}>
                    { item("Copy as text", "copy-text", copy(Form::Text)) }
                    { item("Copy as JSON", "copy-json", copy(Form::Json)) }
                    { item("Copy as RESP", "copy-resp", copy(Form::Resp)) }
                    { item("Open as a tree", "open-tree", tree) }
                </div>
            }
            if *open == Open::Tree {
                <div class="tree" data-testid="tree">{ reply_tree(&props.wire) }</div>
            }
        </span>
    }
}

fn focus(button: &NodeRef) {
    if let Some(button) = button.cast::<HtmlElement>() {
        let _ = button.focus();
    }
}

/// A reply in one of the forms that can be copied.
fn text_of(wire: &[u8], form: Form) -> String {
    let reply = decode(wire).ok().flatten().map(|(reply, _)| reply);
    match (form, reply) {
        (Form::Text, Some(reply)) => render(&reply),
        (Form::Json, Some(reply)) => {
            String::from_utf8_lossy(&render_as(&reply, Style::Json)).into_owned()
        }
        (Form::Resp, _) | (_, None) => String::from_utf8_lossy(wire).into_owned(),
    }
}

/// Puts a text on the clipboard, where the browser lets us.
fn copy_text(text: &str) {
    let navigator = gloo::utils::window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
    let write = clipboard.as_ref().ok().and_then(|it| {
        js_sys::Reflect::get(it, &JsValue::from_str("writeText")).ok()?.dyn_into().ok()
    });
    if let (Ok(clipboard), Some(write)) = (clipboard, write) {
        let write: js_sys::Function = write;
        let _ = write.call1(&clipboard, &JsValue::from_str(text));
    }
}

fn reply_tree(wire: &[u8]) -> Html {
    match decode(wire) {
        Ok(Some((reply, _))) => branch(None, &reply),
        _ => html! { "This reply cannot be read." },
    }
}

/// A reply and what is in it; strings that are JSON are opened as well.
fn branch(name: Option<String>, reply: &Reply) -> Html {
    let children = |count: usize, each: &mut dyn Iterator<Item = Html>| {
        let list: Vec<Html> = each.take(BRANCH_MAX).collect();
        limb(name.clone(), count, list)
    };
    match reply {
        Reply::Array(all) | Reply::Set(all) | Reply::Push(all) => {
            let mut each =
                all.iter().zip(1..).map(|(it, at): (_, usize)| branch(Some(at.to_string()), it));
            children(all.len(), &mut each)
        }
        Reply::Map(pairs) | Reply::Attribute { pairs, .. } => {
            let mut each = pairs.iter().map(|(key, value)| {
                let name = key
                    .as_bytes()
                    .map_or_else(|| render(key), |it| String::from_utf8_lossy(it).into_owned());
                branch(Some(name), value)
            });
            children(pairs.len(), &mut each)
        }
        _ => {
            let json = reply.as_bytes().and_then(|it| std::str::from_utf8(it).ok());
            let json = json.filter(|it| it.trim_start().starts_with(['{', '[']));
            match json.and_then(|it| js_sys::JSON::parse(it).ok()) {
                Some(value) => json_branch(name, &value),
                None => leaf(name, render(reply)),
            }
        }
    }
}

fn json_branch(name: Option<String>, value: &JsValue) -> Html {
    if let Some(list) = value.dyn_ref::<js_sys::Array>() {
        let each = list.iter().take(BRANCH_MAX).zip(1..);
        let each = each.map(|(it, at): (_, usize)| json_branch(Some(at.to_string()), &it));
        return limb(name, list.length() as usize, each.collect());
    }
    if value.is_object() {
        let entries = js_sys::Object::entries(value.unchecked_ref());
        let each = entries.iter().take(BRANCH_MAX).map(|entry| {
            let entry: js_sys::Array = entry.unchecked_into();
            json_branch(entry.get(0).as_string(), &entry.get(1))
        });
        return limb(name, entries.length() as usize, each.collect());
    }
    let text = js_sys::JSON::stringify(value).map_or_else(|_| String::new(), String::from);
    leaf(name, text)
}

fn limb(name: Option<String>, count: usize, children: Vec<Html>) -> Html {
    let rest = count - children.len();
    html! {
        <details open={name.is_none() || count <= OPEN_MAX}>
            <summary>{ label(name) }<span class="tree-count">{ crate::format::counted(count, "value") }</span></summary>
            <div class="tree-limb">
                { for children }
                if rest > 0 { <div>{ format!("\u{2026} and {} more", crate::format::grouped(rest)) }</div> }
            </div>
        </details>
    }
}

fn leaf(name: Option<String>, text: String) -> Html {
    html! { <div class="tree-leaf">{ label(name) }{ text }</div> }
}

fn label(name: Option<String>) -> Html {
    name.map_or_else(
        Html::default,
        |name| html! { <span class="tree-name">{ name }{ ": " }</span> },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_copied_in_three_forms() {
        let wire = b"%1\r\n$1\r\na\r\n*2\r\n:1\r\n_\r\n";
        assert_eq!(text_of(wire, Form::Text), "1# \"a\" => \n   1) (integer) 1\n   2) (nil)");
        assert_eq!(text_of(wire, Form::Json), "{\"a\":[1,null]}");
        assert_eq!(text_of(wire, Form::Resp).as_bytes(), wire);
    }
}
