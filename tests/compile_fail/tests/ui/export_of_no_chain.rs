pub struct Vector([f32; 4]);

simplechain::export_c!(Vector, prefix = matexp);

fn main() {}
