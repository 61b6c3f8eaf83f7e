import { halfPlus } from "./half-plus.ts";

/**
 * `y = x / 2 + 2`, the example model of TensorFlow Serving, with the signatures of its SavedModel: `serving_default`
 * (x float32 [-1] to y), `regress_x_to_y` and `classify_x_to_y` (feature `x` of each example).
 *
 * @see tensorflow_serving/servables/tensorflow/testdata/saved_model_half_plus_two.py
 */
export const halfPlusTwo = halfPlus(2);
