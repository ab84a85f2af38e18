//! Adam (Kingma and Ba, 2015) for the peers without an optimizer.

pub struct Adam {
    rate: f32,
    moments: Vec<[f32; 2]>,
    step: i32,
}

impl Adam {
    pub fn new(rate: f32, params: usize) -> Self {
        Self {
            rate,
            moments: vec![[0.0; 2]; params],
            step: 0,
        }
    }

    pub fn step<'a>(
        &mut self,
        params: impl IntoIterator<Item = &'a mut f32>,
        grads: impl IntoIterator<Item = &'a f32>,
    ) {
        self.step += 1;
        let corrections = [0.9_f32, 0.999].map(|decay| 1.0 - decay.powi(self.step));
        let numbers = params.into_iter().zip(grads).zip(&mut self.moments);
        for ((param, grad), [m, v]) in numbers {
            *m = 0.9 * *m + 0.1 * grad;
            *v = 0.999 * *v + 0.001 * grad * grad;
            *param -= self.rate * (*m / corrections[0]) / ((*v / corrections[1]).sqrt() + 1e-8);
        }
    }
}
