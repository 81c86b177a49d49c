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
    [InlineData("linear:1:2", 40, new long[] { 0, 1, 4, 9, 16, 25, 36 })]
    [InlineData("linear:2:3:6", 30, new long[] { 0, 2, 7, 13, 19, 25 })]
    [InlineData("geometric:2:1.5", 50, new long[] { 0, 2, 5, 9, 15, 25, 40 })]
    [InlineData("geometric:1:2:4", 20, new long[] { 0, 1, 3, 7, 11, 15, 19 })]
    [InlineData("epochs:10:3", 8, new long[] { 0, 3, 6 })]
    [InlineData("epochs:10:4,1:7,3:10", 51, new long[] { 0, 4, 8, 10, 17, 24, 30, 40, 50 })]
    [InlineData("at:0", 5, new long[] { 0 })]
    [InlineData("at:2,3,30", 60, new long[] { 2, 3, 30 })]
    [InlineData("dense:6:2:geometric:5:2", 60, new long[] { 0, 2, 4, 6, 11, 21, 41 })]
    [InlineData("dense:3:1:5,10:20", 60, new long[] { 0, 1, 2, 3, 8, 13, 33, 53 })]
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
    [InlineData("linear:0:1")]
    [InlineData("linear:1:0")]
    [InlineData("linear:5:1:4")]
    [InlineData("linear:5")]
    [InlineData("geometric:1:1")]
    [InlineData("geometric:1:NaN")]
    [InlineData("geometric:1:2:3:4")]
    [InlineData("epochs:0:5")]
    [InlineData("epochs:10:5,2:3,1:4")]
    [InlineData("epochs:9223372036854775807:5,2:3")]
    [InlineData("at:")]
    [InlineData("at:3,3")]
    [InlineData("at:-1")]
    [InlineData("dense:0:1:5")]
    [InlineData("dense:10:0:5")]
    [InlineData("dense:10:1")]
    public void RefreshSchedule_OfNoKnownForm_IsRefused(string text)
    {
        FormatException problem = Assert.Throws<FormatException>(() => RefreshSchedule.Parse(text));
        Assert.Contains("5,50:20,200:50", problem.Message, StringComparison.Ordinal);
    }
}
