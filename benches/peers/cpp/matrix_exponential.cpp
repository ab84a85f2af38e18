// 4-32-16-4, full batch, Adam, in plain C++: sizes are template parameters, loops run over blocks of samples and are left to
// the compiler to vectorise. A worker of the protocol that ../README.md describes.

#include <barrier>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int BLOCK = 128;  // samples of a block: 20 vectors of AVX-512 and more, a few KB a layer

using Lanes = float[BLOCK];

/// A rational function of degree 13 and 6, as Eigen has it: 5 units in the last place. No compiler makes vectors of
/// `std::tanh` everywhere.
inline float fast_tanh(float x) {
    x = std::fmin(std::fmax(x, -7.90531110763549805f), 7.90531110763549805f);
    const float x2 = x * x;
    float p = -2.76076847742355e-16f;
    for (float a : {2.00018790482477e-13f, -8.60467152213735e-11f, 5.12229709037114e-08f, 1.48572235717979e-05f,
                    6.37261928875436e-04f, 4.89352455891786e-03f})
        p = p * x2 + a;
    float q = 1.19825839466702e-06f;
    for (float a : {1.18534705686654e-04f, 2.26843463243900e-03f, 4.89352518554385e-03f}) q = q * x2 + a;
    return x * p / q;
}

/// Columns are inputs: `w[o][i]`, then the biases.
template <int IN, int OUT>
struct Layer {
    float w[OUT][IN];
    float b[OUT];

    template <bool TANH>
    void forward(const Lanes *x, Lanes *y) const {
        for (int o = 0; o < OUT; o++) {
            Lanes sum;
            for (int s = 0; s < BLOCK; s++) sum[s] = b[o];
            for (int i = 0; i < IN; i++)
                for (int s = 0; s < BLOCK; s++) sum[s] += w[o][i] * x[i][s];
            for (int s = 0; s < BLOCK; s++) y[o][s] = TANH ? fast_tanh(sum[s]) : sum[s];
        }
    }

    /// Adds to the gradient, from the gradient of the sums before the activation.
    static void grads(const Lanes *x, const Lanes *z_bar, Layer &grad) {
        for (int o = 0; o < OUT; o++) {
            float bias = 0;
            for (int s = 0; s < BLOCK; s++) bias += z_bar[o][s];
            grad.b[o] += bias;
            for (int i = 0; i < IN; i++) {
                float sum = 0;
                for (int s = 0; s < BLOCK; s++) sum += z_bar[o][s] * x[i][s];
                grad.w[o][i] += sum;
            }
        }
    }

    /// The gradient of the sums of the layer before, which gave `x = tanh(..)`.
    void back(const Lanes *x, const Lanes *z_bar, Lanes *x_bar) const {
        for (int i = 0; i < IN; i++) {
            Lanes sum = {};
            for (int o = 0; o < OUT; o++)
                for (int s = 0; s < BLOCK; s++) sum[s] += w[o][i] * z_bar[o][s];
            for (int s = 0; s < BLOCK; s++) x_bar[i][s] = sum[s] * (1 - x[i][s] * x[i][s]);
        }
    }
};

struct Network {
    Layer<4, 32> first;
    Layer<32, 16> second;
    Layer<16, 4> third;
};

constexpr int PARAMS = sizeof(Network) / sizeof(float);

struct Block {
    alignas(64) Lanes x[4], y[4];
    int samples;
};

/// Loss and gradient of a block: sums, not means. Lanes without a sample have no residual.
float gradients(const Network &net, const Block &block, Network &grad) {
    alignas(64) Lanes h1[32], h2[16], e[4], d2[16], d1[32];
    net.first.forward<true>(block.x, h1);
    net.second.forward<true>(h1, h2);
    net.third.forward<false>(h2, e);
    float loss = 0;
    for (int o = 0; o < 4; o++)
        for (int s = 0; s < BLOCK; s++) {
            e[o][s] = s < block.samples ? e[o][s] - block.y[o][s] : 0;
            loss += 0.5f * e[o][s] * e[o][s];
        }
    net.third.grads(h2, e, grad.third);
    net.third.back(h2, e, d2);
    net.second.grads(h1, d2, grad.second);
    net.second.back(h1, d2, d1);
    net.first.grads(block.x, d1, grad.first);
    return loss;
}

std::vector<float> read(const std::string &path) {
    std::FILE *file = std::fopen(path.c_str(), "rb");
    if (!file) {
        std::perror(path.c_str());
        std::exit(1);
    }
    std::fseek(file, 0, SEEK_END);
    std::vector<float> numbers(std::ftell(file) / sizeof(float));
    std::rewind(file);
    if (std::fread(numbers.data(), sizeof(float), numbers.size(), file) != numbers.size()) std::exit(1);
    std::fclose(file);
    return numbers;
}

class Training {
    std::vector<Block> blocks;
    int samples;
    std::vector<float> init;
    std::vector<float> m = std::vector<float>(PARAMS), v = std::vector<float>(PARAMS);
    int step = 0;
    struct alignas(64) Share {
        Network grad;
        float loss;
    };
    std::vector<Share> shares;
    std::barrier<> start, end;
    std::vector<std::thread> threads;
    bool stop = false;
    Network net;

    void share(int thread) {
        Share &share = shares[thread];
        std::memset(&share, 0, sizeof share);
        const size_t begin = blocks.size() * thread / shares.size(), end = blocks.size() * (thread + 1) / shares.size();
        for (size_t i = begin; i < end; i++) share.loss += gradients(net, blocks[i], share.grad);
    }

    void all() {
        start.arrive_and_wait();
        share(0);
        end.arrive_and_wait();
    }

  public:
    Training(const std::string &dir, int count) : shares(count), start(count), end(count) {
        const std::vector<float> x = read(dir + "/x.f32"), y = read(dir + "/y.f32");
        init = read(dir + "/init.f32");
        samples = x.size() / 4;
        blocks.resize((samples + BLOCK - 1) / BLOCK);
        for (int s = 0; s < samples; s++) {
            Block &block = blocks[s / BLOCK];
            block.samples = s % BLOCK + 1;
            for (int k = 0; k < 4; k++) {
                block.x[k][s % BLOCK] = x[4 * s + k];
                block.y[k][s % BLOCK] = y[4 * s + k];
            }
        }
        restart();
        for (int thread = 1; thread < count; thread++)
            threads.emplace_back([this, thread] {
                for (;;) {
                    start.arrive_and_wait();
                    if (stop) return;
                    share(thread);
                    end.arrive_and_wait();
                }
            });
    }

    ~Training() {
        stop = true;
        start.arrive_and_wait();
        for (std::thread &thread : threads) thread.join();
    }

    void restart() {
        std::memcpy(&net, init.data(), sizeof net);
        std::fill(m.begin(), m.end(), 0.0f);
        std::fill(v.begin(), v.end(), 0.0f);
        step = 0;
    }

    void epoch() {
        all();
        step++;
        const float c1 = 1 - std::pow(0.9f, step), c2 = 1 - std::pow(0.999f, step);
        float *p = reinterpret_cast<float *>(&net);
        for (int k = 0; k < PARAMS; k++) {
            float g = 0;
            for (Share &share : shares) g += reinterpret_cast<float *>(&share.grad)[k];
            g /= samples;
            m[k] = 0.9f * m[k] + 0.1f * g;
            v[k] = 0.999f * v[k] + 0.001f * g * g;
            p[k] -= 1e-3f * (m[k] / c1) / (std::sqrt(v[k] / c2) + 1e-8f);
        }
    }

    float loss() {
        all();
        float sum = 0;
        for (Share &share : shares) sum += share.loss;
        return sum / samples;
    }
};

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

int main(int argc, char **argv) {
    std::string data;
    int threads = 1;
    for (int i = 2; i + 1 < argc; i += 2) {
        if (!std::strcmp(argv[i], "--data")) data = argv[i + 1];
        if (!std::strcmp(argv[i], "--threads")) threads = std::atoi(argv[i + 1]);
    }
    const double begin = now();
    Training training(data + "/matrix_exponential", threads);
    training.epoch();
    std::printf("{\"tasks\": [\"epoch\"], \"first_call_s\": %.9f, \"versions\": {\"%s\": \"%s\"}}\n", now() - begin,
#ifdef __clang__
                "clang", __clang_version__);
#else
                "g++", __VERSION__);
#endif
    std::fflush(stdout);

    char request[16], task[64], number[32];
    while (std::scanf("%15s %63s %31s", request, task, number) == 3) {
        if (!std::strcmp(request, "check")) {
            training.restart();
            for (int step = std::atoi(number); step > 0; step--) training.epoch();
            std::printf("{\"values\": [%.9g]}\n", training.loss());
        } else {
            const double budget = std::atof(number), begin = now();
            std::printf("{\"seconds\": [");
            for (bool first = true; first || now() - begin < budget; first = false) {
                constexpr int TIMES = 4;
                const double start = now();
                for (int i = 0; i < TIMES; i++) training.epoch();
                std::printf("%s%.9g", first ? "" : ", ", (now() - start) / TIMES);
            }
            std::printf("]}\n");
        }
        std::fflush(stdout);
    }
}
