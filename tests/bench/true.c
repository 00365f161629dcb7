/* The smallest init, which ends at once. */
int main(void)
{
    return 0;
}
