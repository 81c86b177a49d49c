namespace Thor.Engine.Datasets;

/// <summary>The data sets Thor knows.</summary>
public static class Datasets
{
    private static readonly string[] s_digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

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
}
