using Thor.Autograd.SecondOrder;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

public sealed class RefreshScheduleTests
{
    [Theory]
    [InlineData("1", 5, new long[] { 0, 1, 2, 3, 4 })]
    [InlineData("3", 10, new long[] { 0, 3, 6, 9 })]
    [InlineData("5,12:4,20:10", 45, new long[] { 0, 5, 10, 12, 16, 20, 30, 40 })]
    [InlineData("5,50:20,200:50", 320, new long[] { 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 70, 90, 110, 130, 150, 170, 190, 200, 250, 300 })]
    public void RefreshSchedule_FromText_IsDueAtTheseStepsAndHasTheSameText(string text, int steps, long[] due)
    {
        RefreshSchedule schedule = RefreshSchedule.Parse(text);
        Assert.Equal(due, Enumerable.Range(0, steps).Select(static s => (long)s).Where(schedule.IsDue));
        Assert.Equal(text, schedule.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("5,50")]
    [InlineData("5,50:0")]
    [InlineData("5,50:20,50:30")]
    [InlineData("5,0:20")]
    [InlineData("often")]
    public void RefreshSchedule_OfNoKnownForm_IsRefused(string text)
    {
        FormatException problem = Assert.Throws<FormatException>(() => RefreshSchedule.Parse(text));
        Assert.Contains("5,50:20,200:50", problem.Message, StringComparison.Ordinal);
    }
}
