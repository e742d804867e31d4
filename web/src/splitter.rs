//! The line between two zones: moved by pointer or keyboard.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, PointerEvent};
use yew::prelude::*;

/// Pixels that an arrow key moves it.
const STEP: f64 = 16.0;

/// A splitter and what it changes.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// What it is called.
    pub label: AttrValue,
    /// Pixels of the zone it belongs to.
    pub width: f64,
    /// The least and the most.
    pub range: (f64, f64),
    /// Whether that zone lies to the right of it.
    #[prop_or_default]
    pub is_mirrored: bool,
    /// Hears the new width.
    pub on_width: Callback<f64>,
}

/// The splitter.
#[component]
pub fn Splitter(props: &Props) -> Html {
    let grabbed = use_mut_ref(|| None::<(f64, f64)>);
    let sign = if props.is_mirrored { -1.0 } else { 1.0 };
    let (width, on_width) = (props.width, props.on_width.clone());
    let onpointerdown = {
        let grabbed = std::rc::Rc::clone(&grabbed);
        Callback::from(move |event: PointerEvent| {
            let element: HtmlElement = event.target_unchecked_into();
            let _ = element.set_pointer_capture(event.pointer_id());
            *grabbed.borrow_mut() = Some((f64::from(event.client_x()), width));
            event.prevent_default();
            let _ = element.focus();
        })
    };
    let onpointermove = {
        let (grabbed, on_width) = (std::rc::Rc::clone(&grabbed), on_width.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some((x, width)) = *grabbed.borrow() {
                on_width.emit(width + sign * (f64::from(event.client_x()) - x));
            }
        })
    };
    let release = Callback::from(move |event: PointerEvent| {
        *grabbed.borrow_mut() = None;
        if let Some(element) = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            let _ = element.release_pointer_capture(event.pointer_id());
        }
    });
    let range = props.range;
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowLeft" => width - sign * STEP,
            "ArrowRight" => width + sign * STEP,
            "Home" => range.0,
            "End" => range.1,
            _ => return,
        };
        event.prevent_default();
        on_width.emit(to);
    });
    html! {
        <div
            class="splitter"
            role="separator"
            aria-orientation="vertical"
            aria-label={props.label.clone()}
            aria-valuenow={props.width.to_string()}
            aria-valuemin={props.range.0.to_string()}
            aria-valuemax={props.range.1.to_string()}
            tabindex="0"
            {onpointerdown}
            {onpointermove}
            onpointerup={release.clone()}
            onpointercancel={release}
            {onkeydown}
        ></div>
    }
}
