// A decoder: a code to the numbers of a row, layer by layer. Images are (height, width, channels).

/** The complementary error function, to 1.2e-7 of its value everywhere (Press et al., Numerical Recipes, erfcc). */
function erfc(x) {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const terms = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
    1.00002368, -1.26551223];
  const series = terms.reduce((sum, term) => sum * t + term, 0);
  const value = t * Math.exp(-x * x + series);
  return x >= 0 ? value : 2 - value;
}

const ACTIVATIONS = {
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => 0.5 * x * erfc(-x * Math.SQRT1_2),
  leaky_relu: (x, slope) => (x > 0 ? x : slope * x),
  relu: (x) => (x > 0 ? x : 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  tanh: Math.tanh,
};

function activate(layer, numbers) {
  const f = ACTIVATIONS[layer.name];
  return numbers.map((x) => f(x, layer.slope));
}

/** x W + b, where weight[i * units + j] leads from input i to unit j. */
function dense({ weight, bias, inputs, units }, numbers) {
  const sums = Float32Array.from(bias);
  for (let i = 0; i < inputs; i++) {
    const x = numbers[i];
    const row = i * units;
    for (let j = 0; j < units; j++) sums[j] += x * weight[row + j];
  }
  return sums;
}

/** Each pixel times the kernel, added where it lands: entry m puts pixel a on stride a + dilation m - before. */
function transposedConvolution(layer, image) {
  const { inputs: [height, width, channels], outputs: [outHeight, outWidth, units], size, stride, dilation, before } = layer;
  const result = new Float32Array(outHeight * outWidth * units);
  for (let place = 0; place < result.length; place += units) result.set(layer.bias, place);
  for (let a = 0; a < height; a++) {
    for (let m = 0; m < size[0]; m++) {
      const y = stride[0] * a + dilation[0] * m - before[0];
      if (y < 0 || y >= outHeight) continue;
      for (let b = 0; b < width; b++) {
        for (let n = 0; n < size[1]; n++) {
          const x = stride[1] * b + dilation[1] * n - before[1];
          if (x < 0 || x >= outWidth) continue;
          spreadPixel(layer, image, (a * width + b) * channels, m * size[1] + n, result, (y * outWidth + x) * units);
        }
      }
    }
  }
  return result;
}

/** Adds one pixel's channels, times one entry of the kernel, to one pixel of the result. */
function spreadPixel({ weight, groups, inputs, units }, image, from, entry, result, to) {
  const channels = inputs[2];
  const each = units / groups;
  const grouped = channels / groups;
  for (let i = 0; i < channels; i++) {
    const x = image[from + i];
    if (x === 0) continue;
    const row = (entry * channels + i) * each;
    const first = to + each * Math.floor(i / grouped);
    for (let j = 0; j < each; j++) result[first + j] += x * weight[row + j];
  }
}

const LAYERS = { activation: activate, dense, transposed_convolution: transposedConvolution };

/** What a string in base 64 holds. */
function unpackBytes(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

function unpackFloats(text) {
  return new Float32Array(unpackBytes(text).buffer);
}

class Decoder {
  constructor({ layers, weights }) {
    const numbers = unpackFloats(weights);
    this.layers = layers.map((layer, index) => Decoder.withParameters(layer, numbers, layers.slice(index + 1)));
  }

  /** The layer with its weights and biases in the place of where they start. */
  static withParameters(layer, numbers, later) {
    if (layer.bias === undefined) return layer;
    const next = later.find((other) => other.weight !== undefined);
    const end = next ? next.weight : numbers.length;
    return { ...layer, weight: numbers.subarray(layer.weight, layer.bias), bias: numbers.subarray(layer.bias, end) };
  }

  decode(code) {
    return this.layers.reduce((numbers, layer) => LAYERS[layer.kind](layer, numbers), Float32Array.from(code));
  }
}
