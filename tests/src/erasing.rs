//! Memory of a test that forgets what it held, so that what is found of a secret afterwards is the module's.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, which erases every block when it is given back. For `#[global_allocator]`.
pub struct Erasing;

// SAFETY: every block is the system allocator's, of the layout that was asked for.
unsafe impl GlobalAlloc for Erasing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise, handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller gives back a block of this size, which nobody uses any more.
        unsafe {
            libc::explicit_bzero(block.cast(), layout.size());
            System.dealloc(block, layout);
        }
    }

    // `realloc` stays the trait's: a new block, a copy, and `dealloc` of the old one. Growing in place would be quicker, and moving would
    // leave a copy.
}
