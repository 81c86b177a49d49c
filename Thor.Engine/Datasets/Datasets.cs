namespace Thor.Engine.Datasets;

/// <summary>The data sets Thor knows.</summary>
public static class Datasets
{
    private static readonly string[] s_digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>
    /// Glyphs, made on the spot: grey images (1, 28, 28) of twelve drawn signs, six pairs that resemble each other, under random distortion,
    /// stray strokes, occlusion and noise. Every class is equally frequent.
    /// </summary>
    /// <param name="seed">Another seed, other images; the same seed, the same bytes on every machine and any number of threads.</param>
    /// <param name="trainCount">Training images; the first n of a longer set are the shorter set.</param>
    /// <param name="testCount">Test images, likewise.</param>
    /// <param name="normalization">By default mean 0.22 and deviation 0.21, rounded from those of the training images.</param>
    public static Dataset Glyphs(
        ulong seed = 1, int trainCount = 20_000, int testCount = 4_000, ImageNormalization? normalization = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trainCount);
        ArgumentOutOfRangeException.ThrowIfNegative(testCount);
        return GlyphDataset.Create(seed, trainCount, testCount, normalization ?? new ImageNormalization([0.22], [0.21]));
    }

    /// <summary>MNIST: 60,000 training and 10,000 test images (1, 28, 28) of handwritten digits.</summary>
    /// <param name="folder">Holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or .gz.</param>
    /// <param name="normalization">By default mean 0.1307 and deviation 0.3081, those of the training images.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed or truncated, or a label is not a class.</exception>
    public static Dataset Mnist(string folder, ImageNormalization? normalization = null) =>
        IdxImages.Load("mnist", "MNIST", folder, normalization ?? new ImageNormalization([0.1307], [0.3081]), s_digits);

    /// <summary>Fashion-MNIST: 60,000 training and 10,000 test images (1, 28, 28) of clothing in ten classes.</summary>
    /// <param name="folder">Holds files of the same names as <see cref="Mnist"/>'s.</param>
    /// <param name="normalization">By default mean 0.2860 and deviation 0.3530, those of the training images.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed or truncated, or a label is not a class.</exception>
    public static Dataset FashionMnist(string folder, ImageNormalization? normalization = null) =>
        IdxImages.Load(
            "fashion-mnist",
            "Fashion-MNIST",
            folder,
            normalization ?? new ImageNormalization([0.2860], [0.3530]),
            ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]);

    /// <summary>CIFAR-10: 50,000 training and 10,000 test images (3, 32, 32) of animals and vehicles.</summary>
    /// <param name="folder">Holds the binary version: data_batch_1.bin to data_batch_5.bin, of which 2 to 5 may be missing, and test_batch.bin, plain or .gz.</param>
    /// <param name="normalization">By default means 0.4914, 0.4822, 0.4465 and deviations 0.2470, 0.2435, 0.2616, those of the training images.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is truncated or a label is not a class.</exception>
    public static Dataset Cifar10(string folder, ImageNormalization? normalization = null) =>
        CifarBinary.Load(
            folder,
            normalization ?? new ImageNormalization([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
            ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]);

    /// <summary>The UCI handwritten digits: 1,437 training and 360 test images (1, 8, 8), the last ones of the file; mean 0.3053, deviation 0.3760.</summary>
    /// <param name="folder">Holds digits.csv, plain or .gz: lines of 64 pixels from 0 to 16 and the label.</param>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">The file is malformed or truncated.</exception>
    public static Dataset Digits(string folder) => DigitsCsv.Load(folder, s_digits);

    /// <summary>A text as windows of characters: the first nine tenths to train on, the rest to test with.</summary>
    /// <param name="file">UTF-8 text, plain or .gz.</param>
    /// <param name="sequenceLength">Characters in a window.</param>
    /// <param name="objective">What is to be predicted.</param>
    /// <param name="seed">Decides what is masked in test windows; training windows follow the loader's seed.</param>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">The file is not UTF-8, or too short for a window in each part.</exception>
    public static TextDataset Text(
        string file, int sequenceLength, TextObjective objective = TextObjective.MaskedCharacters, ulong seed = 1) =>
        TextDataset.Load(file, sequenceLength, objective, seed);
}
