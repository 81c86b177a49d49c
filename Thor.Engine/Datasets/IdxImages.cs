namespace Thor.Engine.Datasets;

/// <summary>Data sets in the four IDX files of MNIST.</summary>
internal static class IdxImages
{
    public static Dataset Load(string name, string title, string folder, ImageNormalization normalization, string[] classNames)
    {
        string[] paths = DatasetFile.FindAll(
            folder, title, "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
        ImagePart train = Part(paths[0], paths[1], normalization, classNames.Length);
        ImagePart test = Part(paths[2], paths[3], normalization, classNames.Length);
        if (train.InputShape != test.InputShape)
        {
            throw new InvalidDataException($"{paths[2]}: expected images {train.InputShape} as in {paths[0]}, found {test.InputShape}.");
        }

        return new Dataset(name, train, test, classNames);
    }

    private static ImagePart Part(string imagesPath, string labelsPath, ImageNormalization normalization, int classes)
    {
        IdxArray images = IdxArray.Read(imagesPath);
        IdxArray labels = IdxArray.Read(labelsPath);
        if (images.Shape.Rank != 3)
        {
            throw new InvalidDataException($"{imagesPath}: expected images (count, height, width), found {images.Shape}.");
        }

        if (labels.Shape.Rank != 1 || labels.Shape[0] != images.Shape[0])
        {
            throw new InvalidDataException($"{labelsPath}: expected one label for each of the {images.Shape[0]} images in {imagesPath}, found {labels.Shape}.");
        }

        DatasetFile.RequireLabels(labels.Elements.Span, classes, labelsPath);
        return new ImagePart(images.Elements, labels.Elements, [1, images.Shape[1], images.Shape[2]], classes, normalization);
    }
}
